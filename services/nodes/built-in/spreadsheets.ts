import type { BookType } from '@e965/xlsx'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { BinaryData, Item } from '@weconnect/contracts/items'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { runApart } from './apart.ts'
import { repacked } from './archives.ts'
import { binaryOf } from './binary-data.ts'
import { readCsv } from './csv.ts'
import { asText } from './per-item.ts'
import { readRows, SheetProblem, type SheetToRead, type SheetToWrite, writeRows } from './sheet-work.ts'
import { decoded } from './text-encoding.ts'
import { TimeUp, withinTime } from './within-time.ts'

export const sheetFormats = ['csv', 'html', 'ods', 'rtf', 'xls', 'xlsx'] as const
export type SheetFormat = (typeof sheetFormats)[number]
export const isSheetFormat = (name: string): name is SheetFormat => (sheetFormats as readonly string[]).includes(name)

/** A sheet of so many bytes, or rows, is done here: a process of its own takes longer to begin. */
const smallBytes = 64 * 1024
const smallRows = 1_000
/** A small sheet may hold up the process for this long, milliseconds; then it is begun again in one of its own. */
const quickMs = 100
/** In a process of its own, milliseconds. */
const limitMs = 30_000
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

const quickly = <Result>(what: string, work: () => Result): { readonly result: Result } | undefined => {
  try {
    return { result: withinTime(what, work, quickMs) }
  } catch (error) {
    if (error instanceof TimeUp) return undefined
    throw error instanceof SheetProblem ? new WeConnectError('NODE_FAILED', error.message) : unreadable(error)
  }
}

/** Small sheets here, large ones and those that take long in a process of their own. */
const done = async <Result>(
  what: string,
  input: SheetToRead | SheetToWrite,
  isSmall: boolean,
  work: (library: typeof import('@e965/xlsx')) => Result,
  signal: AbortSignal,
): Promise<Result> => {
  const library = isSmall ? await import('@e965/xlsx') : undefined
  const here = library && quickly(what, () => work(library))
  return here
    ? here.result
    : runApart<Result>(what, new URL('./sheet-process.ts', import.meta.url), input, signal, { milliseconds: limitMs })
}

const rangeOf = (range: JsonValue | undefined): { readonly range?: string | number } => {
  if (range === undefined || range === '' || range === null) return {}
  const start = Number(range)
  return { range: Number.isNaN(start) ? asText(range) : start }
}

const sheetRows = async (bytes: Buffer, options: JsonObject, signal: AbortSignal): Promise<readonly JsonObject[]> => {
  // Unpacking is done here, within limits: the reader has none.
  const given = isZip(bytes) ? await repacked(bytes) : bytes
  const input: SheetToRead = {
    kind: 'read',
    content: options['readAsString'] === true ? await decoded(given, asText(options['encoding']) || 'utf8') : given,
    parsing: { raw: options['rawData'] === true, sheetRows: maxRows },
    sheetName: asText(options['sheetName']),
    reading: {
      ...rangeOf(options['range']),
      ...(options['includeEmptyCells'] === true && { defval: '' }),
      ...(options['headerRow'] === false && { header: 1 }),
    },
  }
  return done('Reading the spreadsheet', input, given.length <= smallBytes, (library) => readRows(library, input), signal)
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
  signal: AbortSignal,
): Promise<readonly JsonObject[]> => {
  if (format === 'csv' || (format === 'autodetect' && isCsv(file))) return (await readCsv(bytes, options)).map(csvRow)
  return sheetRows(bytes, options, signal)
}

const csvRow = (row: unknown): JsonObject => {
  const plain = JSON.parse(JSON.stringify(row)) as JsonValue
  return isJsonObject(plain) ? plain : { row: plain }
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
  signal: AbortSignal,
): Promise<BinaryData> => {
  const input: SheetToWrite = {
    kind: 'write',
    rows: items.map(({ json }) => flattened(json)),
    skipHeader: options['headerRow'] === false,
    sheetName: asText(options['sheetName']) || 'Sheet',
    writing: {
      bookType: format as BookType,
      bookSST: false,
      type: 'buffer',
      compression: options['compression'] === true,
      ...(options['delimiter'] ? { FS: asText(options['delimiter']) } : {}),
    },
  }
  const isSmall = items.length <= smallRows
  const bytes = await done('Writing the spreadsheet', input, isSmall, (library) => writeRows(library, input), signal)
  return binaryOf(Buffer.from(bytes), asText(options['fileName']) || `${baseName}.${format}`, mimeTypes[format])
}
