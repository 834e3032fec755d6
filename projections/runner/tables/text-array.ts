/**
 * PostgreSQL's binary form of text[]: no escaping on either side, which is most of what a literal costs.
 * Source: PostgreSQL, src/backend/utils/adt/arrayfuncs.c, array_recv.
 */
const textOid = 25
const headerBytes = 20

let scratch = Buffer.allocUnsafeSlow(256 * 1024)

const reserve = (used: number, bytes: number): void => {
  if (used + bytes <= scratch.length) return
  const larger = Buffer.allocUnsafeSlow(Math.max(scratch.length * 2, used + bytes))
  scratch.copy(larger, 0, 0, used)
  scratch = larger
}

/** @param texts elements; null is NULL. The character NUL, which text cannot hold, becomes U+FFFD. */
export const textArray = (texts: readonly (string | null)[]): Buffer => {
  let used = headerBytes
  let hasNull = 0
  for (const text of texts) {
    reserve(used, 4 + (text === null ? 0 : text.length * 3))
    if (text === null) {
      hasNull = 1
      scratch.writeInt32BE(-1, used)
      used += 4
    } else {
      const bytes = scratch.write(text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text, used + 4)
      scratch.writeInt32BE(bytes, used)
      used += 4 + bytes
    }
  }
  writeHeader(texts.length, hasNull)
  return Buffer.from(scratch.subarray(0, used))
}

const writeHeader = (length: number, hasNull: number): void => {
  scratch.writeInt32BE(1, 0) // dimensions
  scratch.writeInt32BE(hasNull, 4)
  scratch.writeInt32BE(textOid, 8)
  scratch.writeInt32BE(length, 12)
  scratch.writeInt32BE(1, 16) // lower bound
}
