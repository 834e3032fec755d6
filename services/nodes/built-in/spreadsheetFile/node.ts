import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { choice, collection, show, text } from '../../sdk/property.ts'
import { binaryIn } from '../binary-data.ts'
import { eachItem } from '../each-item.ts'
import { asObject, asText, unsupported } from '../per-item.ts'
import { sheetReadOptions, sheetWriteOptions } from '../sheet-options.ts'
import { isSheetFormat, readSheet, type SheetFormat, sheetFormats, writeSheet } from '../spreadsheets.ts'

const operations = [
  ['Convert to File', 'toFile'],
  ['Extract from File', 'fromFile'],
] as const
const writing = { operation: ['toFile'] }
const reading = { operation: ['fromFile'] }
const formats = sheetFormats.map((format) => [format.toUpperCase(), format] as const)

/** The first version takes what the content says; the second reads CSV as text, or guesses. */
const formatOf = async (context: NodeContext, index: number): Promise<SheetFormat | 'autodetect' | 'content'> => {
  if (context.node.typeVersion === 1) return 'content'
  const name = asText(await context.parameter('fileFormat', index), 'autodetect')
  if (name === 'autodetect' || isSheetFormat(name)) return name
  throw unsupported(context, `File format "${name}"`, 'fileFormat')
}

const fromFile = (context: NodeContext): Promise<readonly Item[]> =>
  eachItem(context, ['binaryPropertyName', 'options'], async (item, index, read) => {
    const file = binaryIn(item, asText(read('binaryPropertyName', index), 'data'), index)
    const rows = await readSheet(
      file,
      await context.bytesOf(file),
      await formatOf(context, index),
      asObject(read('options', index)),
      context.signal,
    )
    return rows.map((json): Item => ({ json, pairedItem: { item: index } }))
  })

const toFile = async (context: NodeContext): Promise<readonly Item[]> => {
  const items = await context.items()
  const format = asText(await context.parameter('fileFormat', 0), 'csv')
  if (!isSheetFormat(format)) throw unsupported(context, `File format "${format}"`, 'fileFormat')
  const property = asText(await context.parameter('binaryPropertyName', 0), 'data')
  const options: JsonObject = asObject(await context.parameter('options', 0))
  const binary = { [property]: await writeSheet(items, format, options, 'spreadsheet', context.signal) }
  return [{ json: {}, binary, pairedItem: items.map((_, item) => ({ item })) }]
}

/** Reads rows from spreadsheets, or writes items to one. Its later forms are Convert to File and Extract from File. */
export const spreadsheetFile: NodeType = {
  definition: {
    name: 'n8n-nodes-base.spreadsheetFile',
    displayName: 'Spreadsheet File',
    description: 'Reads and writes data from a spreadsheet file like CSV, XLS, ODS, etc',
    category: 'data',
    color: '#2244FF',
    versions: [1, 2],
    properties: [
      choice('Operation', 'operation', operations, 'fromFile'),
      choice('File Format', 'fileFormat', [['Autodetect', 'autodetect'], ...formats], 'autodetect', show({ ...reading, '@version': [2] })),
      text('Binary Property', 'binaryPropertyName', 'data', { required: true, ...show(reading) }),
      choice('File Format', 'fileFormat', formats, 'xls', show({ ...writing, '@version': [1] })),
      choice('File Format', 'fileFormat', formats, 'xlsx', show({ ...writing, '@version': [2] })),
      text('Binary Property', 'binaryPropertyName', 'data', { required: true, ...show(writing) }),
      collection('Options', 'options', sheetReadOptions, show(reading)),
      collection('Options', 'options', sheetWriteOptions, show(writing)),
    ],
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => [(await context.parameter('operation', 0)) === 'toFile' ? await toFile(context) : await fromFile(context)],
  validate: () => [],
}
