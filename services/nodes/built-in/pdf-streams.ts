import { constants, inflateSync } from 'node:zlib'

const begins = Buffer.from('stream')
const ends = Buffer.from('endstream')

/** Bytes that a compressed part holds; Infinity = more than `limit`. What cannot be unpacked (other filters, encrypted) is its own size. */
const unpackedSize = (bytes: Buffer, limit: number): number => {
  try {
    const unpacked = inflateSync(bytes, { maxOutputLength: limit, finishFlush: constants.Z_SYNC_FLUSH })
    // Filters may be nested, and what is packed twice unpacks a million times.
    return isDeflated(unpacked) ? unpacked.length + unpackedSize(unpacked, limit) : unpacked.length
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? Number.POSITIVE_INFINITY : bytes.length
  }
}
const isDeflated = (bytes: Buffer): boolean => bytes.length > 2 && (bytes[0]! & 0x0f) === 8 && ((bytes[0]! << 8) | bytes[1]!) % 31 === 0

/** Whether all compressed parts of a PDF together stay below a limit, so that a reader without one may be given it. */
export const inflatesWithin = (pdf: Buffer, limit: number): boolean => {
  let left = limit
  for (let at = pdf.indexOf(begins); at !== -1; at = pdf.indexOf(begins, at + begins.length)) {
    const end = pdf.indexOf(ends, at)
    if (end === -1) return true
    let start = at + begins.length
    while (pdf[start] === 0x0d || pdf[start] === 0x0a) start += 1
    if (isDeflated(pdf.subarray(start, start + 3))) left -= unpackedSize(pdf.subarray(start, end), Math.max(1, left))
    if (left < 0) return false
    at = end
  }
  return true
}
