import type { NodeProperty } from '@weconnect/contracts/node'
import { choice, group, groups, number, show, text, toggle } from '../sdk/property.ts'

const delimited = [text('Delimiter', 'delimiter', ','), number('Max Number of Rows to Load', 'maxRowCount', -1)]
const encodings = [
  ['ASCII', 'ascii'],
  ['Latin1', 'latin1'],
  ['UTF-8', 'utf-8'],
  ['UTF16-LE', 'utf16le'],
] as const

/** Options for reading sheets, of all formats. */
export const sheetReadOptions: readonly NodeProperty[] = [
  ...delimited,
  choice('Encoding', 'encoding', encodings, 'utf-8'),
  toggle('Exclude Byte Order Mark (BOM)', 'enableBOM', false),
  toggle('Preserve Quotes', 'relaxQuotes', false),
  groups('Skip Records With Errors', 'skipRecordsWithErrors', [
    group('Value', 'value', [
      toggle('Enabled', 'enabled', false),
      number('Max Skipped Records', 'maxSkippedRecords', -1, show({ enabled: [true] })),
    ]),
  ]),
  number('Starting Line', 'fromLine', 0),
  toggle('Header Row', 'headerRow', true),
  toggle('Include Empty Cells', 'includeEmptyCells', false),
  toggle('RAW Data', 'rawData', false),
  toggle('Read As String', 'readAsString', false),
  text('Range', 'range'),
  text('Sheet Name', 'sheetName'),
]

/** Options for writing sheets, of all formats. */
export const sheetWriteOptions: readonly NodeProperty[] = [
  toggle('Compression', 'compression', false),
  text('Delimiter', 'delimiter', ','),
  text('File Name', 'fileName'),
  toggle('Header Row', 'headerRow', true),
  text('Sheet Name', 'sheetName', 'Sheet'),
]

export const pdfOptions: readonly NodeProperty[] = [
  toggle('Join Pages', 'joinPages', true),
  number('Max Pages', 'maxPages', 0),
  text('Password', 'password', '', { typeOptions: { password: true } }),
]
