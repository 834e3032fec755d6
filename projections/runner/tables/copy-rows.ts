import type { Column, ColumnType } from './table.ts'

/**
 * Rows in the binary form of `copy ... from stdin (format binary)`: new rows cost a third of what `insert ... on conflict` does, and no text is parsed.
 * Source: PostgreSQL documentation, "COPY", Binary Format; the form of each type is that of its receive function.
 */
const header = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')

let scratch = Buffer.allocUnsafeSlow(1024 * 1024)
let used = 0

const reserve = (bytes: number): void => {
  if (used + bytes <= scratch.length) return
  const larger = Buffer.allocUnsafeSlow(Math.max(scratch.length * 2, used + bytes))
  scratch.copy(larger, 0, 0, used)
  scratch = larger
}

/**
 * @param columns of which values are taken, by their ordinals in the rows
 * @param rows null and undefined are NULL; times are ISO 8601, JSON is text, or elements where the column concatenates
 */
export const copyRows = (
  columns: readonly Column[],
  ordinals: readonly number[],
  rows: readonly { readonly values: readonly unknown[] }[],
): Buffer => {
  used = header.copy(scratch)
  for (const { values } of rows) {
    reserve(2)
    used = scratch.writeInt16BE(ordinals.length, used)
    for (const ordinal of ordinals) writeField(columns[ordinal] as Column, values[ordinal])
  }
  reserve(2)
  used = scratch.writeInt16BE(-1, used)
  return Buffer.from(scratch.subarray(0, used))
}

const writeField = ({ type, merge }: Column, value: unknown): void => {
  reserve(20)
  if (typeof value === 'function') writeField({ type }, value())
  else if (value === null || value === undefined) used = scratch.writeInt32BE(-1, used)
  else if (type === 'text[]') writeTexts(value as readonly string[])
  else if (merge === 'concat') writeField({ type }, jsonArray(value as readonly string[]))
  else if (type === 'text' || type === 'json') writeText(value as string)
  else if (type === 'jsonb') writeJson(value as string)
  else used = writeFixed(type, value, used)
}

const writeFixed = (type: ColumnType, value: unknown, at: number): number => {
  switch (type) {
    case 'integer':
      scratch.writeInt32BE(4, at)
      return scratch.writeInt32BE(value as number, at + 4)
    case 'bigint':
      scratch.writeInt32BE(8, at)
      return scratch.writeBigInt64BE(BigInt(value as number), at + 4)
    case 'double precision':
      scratch.writeInt32BE(8, at)
      return scratch.writeDoubleBE(value as number, at + 4)
    case 'boolean':
      scratch.writeInt32BE(1, at)
      return scratch.writeUInt8(value ? 1 : 0, at + 4)
    case 'timestamptz':
      scratch.writeInt32BE(8, at)
      return writeMicroseconds(value as string, at + 4)
    default:
      scratch.writeInt32BE(16, at)
      return writeUuid(value as string, at + 4)
  }
}

/** The character NUL, which text cannot hold, becomes U+FFFD. */
const writeText = (text: string): void => {
  reserve(4 + text.length * 3)
  const bytes = scratch.write(text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text, used + 4)
  scratch.writeInt32BE(bytes, used)
  used += 4 + bytes
}

const jsonbVersion = 1

const writeJson = (text: string): void => {
  reserve(5 + text.length * 3)
  const bytes = scratch.write(text, used + 5)
  scratch.writeInt32BE(bytes + 1, used)
  scratch.writeUInt8(jsonbVersion, used + 4)
  used += 5 + bytes
}

const textOid = 25

const writeTexts = (texts: readonly string[]): void => {
  const start = used
  used += 4
  for (const part of texts.length === 0 ? [0, 0, textOid] : [1, 0, textOid, texts.length, 1]) used = scratch.writeInt32BE(part, used)
  for (const text of texts) writeText(text)
  scratch.writeInt32BE(used - start - 4, start)
}

const postgresEpochMs = Date.UTC(2000, 0, 1)
let lastTime = ''
let lastMs = 0

/** Microseconds since 2000. Events of one append have one time, so that the last one is often the one before it. */
const writeMicroseconds = (time: string, at: number): number => {
  if (time !== lastTime) {
    const ms = Date.parse(time) - postgresEpochMs
    if (Number.isNaN(ms)) throw new TypeError(`"${time}" is no time`)
    lastTime = time
    lastMs = ms
  }
  const micros = lastMs * 1_000
  const high = Math.floor(micros / 0x1_0000_0000)
  scratch.writeInt32BE(high, at)
  return scratch.writeUInt32BE(micros - high * 0x1_0000_0000, at + 4)
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const writeUuid = (text: string, at: number): number => {
  if (!uuid.test(text)) throw new TypeError(`"${text}" is no UUID`)
  let to = at
  for (let from = 0; from < 36; from += 2) {
    if (text.charCodeAt(from) === dash) from++
    scratch[to++] = (digit(text.charCodeAt(from)) << 4) | digit(text.charCodeAt(from + 1))
  }
  return to
}

const dash = 45
const digit = (code: number): number => (code < 58 ? code - 48 : (code | 32) - 87)

/** Elements, each JSON already, as the text of an array. */
export const jsonArray = (elements: readonly string[]): string => `[${elements.join(',')}]`
