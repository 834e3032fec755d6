import type { WriteToken } from './envelope.ts'
import { WeConnectError } from './errors.ts'
import { isJsonObject } from './json.ts'

/**
 * A place in the log as clients carry it: base64url of the JSON of a WriteToken. The same form names a write one made (`atLeast`)
 * and an event one has seen (`after`), so that either can be given where the other is asked for.
 */
export const encodeCursor = ({ log, stream, revision, position }: WriteToken): string =>
  Buffer.from(JSON.stringify({ log, stream, revision, position })).toString('base64url')

/** @throws WeConnectError INVALID_INPUT when it is none, CURSOR_OF_ANOTHER_LOG when it was made by a log other than `logId` */
export const decodeCursor = (cursor: string, logId: string): WriteToken => {
  const token = parsed(cursor)
  if (token.log !== logId) throw new WeConnectError('CURSOR_OF_ANOTHER_LOG', 'The cursor belongs to another log')
  return token
}

const parsed = (cursor: string): WriteToken => {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (isJsonObject(value)) {
      const { log, stream, revision, position } = value
      if (typeof log === 'string' && typeof stream === 'string' && typeof position === 'string' && Number.isSafeInteger(revision))
        return { log, stream, revision: Number(revision), position }
    }
  } catch {
    // answered below, as every other malformed cursor
  }
  throw new WeConnectError('INVALID_INPUT', 'That is not a cursor')
}
