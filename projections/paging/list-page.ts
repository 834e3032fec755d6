import { WeConnectError } from '@weconnect/contracts/errors'
import { decodeCursor, encodeCursor, type Page, type PageArgs, sizeOf } from './page.ts'

const order = [{ sql: '', type: 'integer' }] as const

/**
 * A page of rows that are in memory, in their order; its cursors are those of the same list in PostgreSQL.
 * @param placeOf ascending and unique
 * @throws WeConnectError INVALID_INPUT for a cursor that is not ours or a size out of range
 */
export const pageOf = <Row>(rows: readonly Row[], placeOf: (row: Row) => number, args: PageArgs): Page<Row> => {
  const backwards = args.last !== undefined
  const size = sizeOf(args)
  const [after, before] = [placeIn(args.after), placeIn(args.before)]
  const within = rows.filter((row) => (after === undefined || placeOf(row) > after) && (before === undefined || placeOf(row) < before))
  const chosen = backwards ? within.slice(Math.max(0, within.length - size)) : within.slice(0, size)
  const more = chosen.length < within.length
  const found = chosen.map((row) => ({ ...row, cursor: encodeCursor(JSON.stringify([placeOf(row)])) }))
  return {
    rows: found,
    totalCount: async () => rows.length,
    hasNextPage: backwards ? args.before !== undefined : more,
    hasPreviousPage: backwards ? more : args.after !== undefined,
    startCursor: found[0]?.cursor ?? null,
    endCursor: found.at(-1)?.cursor ?? null,
  }
}

const placeIn = (cursor: string | undefined): number | undefined => {
  if (cursor === undefined) return undefined
  const [place] = decodeCursor(cursor, order)
  if (typeof place !== 'number') throw new WeConnectError('INVALID_INPUT', 'the cursor is not one of this list')
  return place
}
