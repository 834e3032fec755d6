import type { BookType, ParsingOptions, Sheet2JSONOpts, WorkBook } from '@e965/xlsx'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { BinaryData, Item } from '@weconnect/contracts/items'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { repacked } from './archives.ts'
import { binaryOf } from './binary-data.ts'
import { readCsv } from './csv.ts'
import { asText } from './per-item.ts'
import { decoded } from './text-encoding.ts'
import { withinTime } from './within-time.ts'

export const sheetFormats = ['csv', 'html', 'ods', 'rtf', 'xls', 'xlsx'] as const
export type SheetFormat = (typeof sheetFormats)[number]
export const isSheetFormat = (name: string): name is SheetFormat => (sheetFormats as readonly string[]).includes(name)

/** Reading or writing a sheet may hold up the process for this long, milliseconds. */
const limitMs = 5_000
/** Rows of one sheet that become items. */
const maxRows = 1_000_000

const mimeTypes: Readonly<Record<SheetFormat, string>> = {
  csv: 'text/csv',
  html: 'text/html',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  rtf: 'application/rtf',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
}

const unreadable = (cause: unknown): WeConnectError =>
  cause instanceof WeConnectError ? cause : new WeConnectError('NODE_FAILED', 'The file is no spreadsheet, or it is damaged', { cause })

const isZip = (bytes: Buffer): boolean => bytes.subarray(0, 4).toString('hex') === '504b0304'

const workbookOf = async (bytes: Buffer, options: JsonObject): Promise<WorkBook> => {
  const { read } = await import('@e965/xlsx')
  const parsing: ParsingOptions = { raw: options['rawData'] === true, sheetRows: maxRows }
  // Unpacking is done here, within limits: the reader has none.
  const given = isZip(bytes) ? await repacked(bytes) : bytes
  const text = options['readAsString'] === true ? await decoded(given, asText(options['encoding']) || 'utf8') : undefined
  try {
    return withinTime(
      'Reading the spreadsheet',
      () => (text === undefined ? read(given, parsing) : read(text, { ...parsing, type: 'string' })),
      limitMs,
    )
  } catch (error) {
    throw unreadable(error)
  }
}

const sheetNameOf = ({ SheetNames }: WorkBook, wanted: string): string => {
  const name = wanted === '' ? SheetNames[0] : SheetNames.find((one) => one === wanted)
  if (name !== undefined) return name
  throw new WeConnectError(
    'NODE_FAILED',
    wanted === '' ? 'Spreadsheet does not have any sheets!' : `Spreadsheet does not contain sheet called "${wanted}"!`,
  )
}

const rangeOf = (range: JsonValue | undefined): { readonly range?: string | number } => {
  if (range === undefined || range === '' || range === null) return {}
  const start = Number(range)
  return { range: Number.isNaN(start) ? asText(range) : start }
}

const rowsOf = async (workbook: WorkBook, options: JsonObject): Promise<readonly unknown[]> => {
  const { utils } = await import('@e965/xlsx')
  const reading: Sheet2JSONOpts = {
    ...rangeOf(options['range']),
    ...(options['includeEmptyCells'] === true && { defval: '' }),
    ...(options['headerRow'] === false && { header: 1 }),
  }
  const sheet = workbook.Sheets[sheetNameOf(workbook, asText(options['sheetName']))]!
  try {
    return withinTime('Reading the spreadsheet', () => utils.sheet_to_json(sheet, reading), limitMs)
  } catch (error) {
    throw unreadable(error)
  }
}

/** Dates and holes become what JSON has for them; a row without names is a list under `row`. */
const jsonOf = (row: unknown): JsonObject => {
  const plain = JSON.parse(JSON.stringify(row)) as JsonValue
  return isJsonObject(plain) ? plain : { row: plain }
}

const isCsv = ({ mimeType, fileExtension }: BinaryData): boolean =>
  mimeType === 'text/csv' || (mimeType === 'text/plain' && fileExtension === 'csv')

/**
 * The rows of a sheet.
 * @param format `autodetect`: by the file; `csv`: as text, whose values stay texts; of all others the content says what they are
 * @throws WeConnectError NODE_FAILED, ARCHIVE_TOO_LARGE
 */
export const readSheet = async (
  file: BinaryData,
  bytes: Buffer,
  format: SheetFormat | 'autodetect' | 'content',
  options: JsonObject,
): Promise<readonly JsonObject[]> => {
  if (format === 'csv' || (format === 'autodetect' && isCsv(file))) return (await readCsv(bytes, options)).map(jsonOf)
  return (await rowsOf(await workbookOf(bytes, options), options)).map(jsonOf)
}

/** `{a: {b: 1}}` as `{'a.b': 1}`: a cell holds one value. */
const flattened = (value: JsonObject, prefix = '', into: Record<string, JsonValue> = {}): Record<string, JsonValue> => {
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined || key === '__proto__') continue
    if (typeof member !== 'object' || member === null) into[`${prefix}${key}`] = member
    else flattened(member as JsonObject, `${prefix}${key}.`, into)
  }
  return into
}

/**
 * The data of items as one sheet; nested values get columns such as `address.city`.
 * @param baseName of the file when the options name none
 */
export const writeSheet = async (
  items: readonly Item[],
  format: SheetFormat,
  options: JsonObject,
  baseName: string,
): Promise<BinaryData> => {
  const { utils, write } = await import('@e965/xlsx')
  const rows = items.map(({ json }) => flattened(json))
  const bytes = withinTime(
    'Writing the spreadsheet',
    () => {
      const sheet = utils.json_to_sheet(rows, { skipHeader: options['headerRow'] === false })
      const name = asText(options['sheetName']) || 'Sheet'
      return write(
        { SheetNames: [name], Sheets: { [name]: sheet } },
        {
          bookType: format as BookType,
          bookSST: false,
          type: 'buffer',
          compression: options['compression'] === true,
          ...(options['delimiter'] ? { FS: asText(options['delimiter']) } : {}),
        },
      ) as Buffer
    },
    limitMs,
  )
  return binaryOf(Buffer.from(bytes), asText(options['fileName']) || `${baseName}.${format}`, mimeTypes[format])
}
