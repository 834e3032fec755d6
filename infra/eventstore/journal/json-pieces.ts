import type { JsonObject, JsonValue } from '@weconnect/contracts/json'

/** About how many characters are written at once. */
const pieceLength = 128 * 1024

/** A number of characters that the JSON of a value has at least; counted no further than `limit`. */
export const leastLength = (value: JsonValue | undefined, limit: number): number => {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return value === undefined ? 0 : 1
  let length = 2
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length && length < limit; index += 1) length += leastLength(value[index], limit - length) + 1
    return length
  }
  for (const key of Object.keys(value)) {
    if (length >= limit) break
    length += key.length + 4 + leastLength((value as JsonObject)[key], limit - length)
  }
  return length
}

const isShort = (value: JsonValue | undefined): boolean => leastLength(value, pieceLength) < pieceLength

function* ofList(list: readonly JsonValue[]): Generator<string> {
  let from = 0
  let length = 0
  const written = (to: number): string => `${from === 0 ? '' : ','}${JSON.stringify(list.slice(from, to)).slice(1, -1)}`
  yield '['
  for (let index = 0; index < list.length; index += 1) {
    const own = leastLength(list[index], pieceLength)
    const isLong = own >= pieceLength
    length += own
    if (!isLong && length < pieceLength) continue
    if (isLong) {
      if (from < index) yield written(index)
      if (index > 0) yield ','
      yield* valuePieces(list[index] as JsonValue)
    } else yield written(index + 1)
    from = index + 1
    length = 0
  }
  if (from < list.length) yield written(list.length)
  yield ']'
}

function* ofObject(object: JsonObject): Generator<string> {
  let first = true
  yield '{'
  for (const key of Object.keys(object)) {
    const member = object[key]
    if (member === undefined) continue
    yield `${first ? '' : ','}${JSON.stringify(key)}:`
    yield* valuePieces(member)
    first = false
  }
  yield '}'
}

function* valuePieces(value: JsonValue): Generator<string> {
  if (isShort(value) || typeof value === 'string') yield JSON.stringify(value)
  else if (Array.isArray(value)) yield* ofList(value)
  else yield* ofObject(value as JsonObject)
}

/** What JSON.stringify gives, in pieces of about 128 Ki characters, so that the text of a large value never has to be in memory as a whole. */
export function* jsonPieces(value: JsonValue): Generator<string> {
  let pending = ''
  for (const piece of valuePieces(value)) {
    pending += piece
    if (pending.length < pieceLength) continue
    yield pending
    pending = ''
  }
  if (pending !== '') yield pending
}
