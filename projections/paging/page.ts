import { WeConnectError } from '@weconnect/contracts/errors'
import type { Sql } from '@weconnect/postgres/pool'
import type { Filter } from './filter.ts'

/** Relay: `first` after `after`, or `last` before `before`. 20 unless given, 200 at most. */
export interface PageArgs {
  readonly first?: number | undefined
  readonly after?: string | undefined
  readonly last?: number | undefined
  readonly before?: string | undefined
}

/** A page of what an organisation has. */
export type ListArgs<Filter> = PageArgs & { readonly organisationId: string; readonly filter?: Filter | undefined }

export interface Page<Row> {
  readonly rows: readonly (Row & { readonly cursor: string })[]
  /** Counted only when asked for: it reads every matching row. */
  totalCount(): Promise<number>
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly startCursor: string | null
  readonly endCursor: string | null
}

/** A column of the order; all go the same way. Together they are unique, so that a page never repeats or skips a row. */
export interface OrderColumn {
  /** SQL of the column. */
  readonly sql: string
  readonly type: 'timestamptz' | 'text' | 'integer' | 'uuid' | 'bigint'
}

export interface PageQuery {
  /** What is selected, and under which names. */
  readonly select: string
  readonly from: string
  readonly filter: Filter
  readonly order: readonly OrderColumn[]
  readonly direction: 'ascending' | 'descending'
}

/** By when it came to be. */
export const newestFirst: Pick<PageQuery, 'order' | 'direction'> = {
  order: [
    { sql: 't.created_at', type: 'timestamptz' },
    { sql: 't.id', type: 'uuid' },
  ],
  direction: 'descending',
}

const defaultSize = 20
const largestSize = 200

/**
 * One page by keyset: the cursor is the place in the order, so rows that come or go elsewhere do not shift it.
 * @throws WeConnectError INVALID_INPUT for a cursor that is not ours or a size out of range
 */
export const page = async <Row>(sql: Sql, query: PageQuery, args: PageArgs): Promise<Page<Row>> => {
  const backwards = args.last !== undefined
  const size = sizeOf(args)
  const found = await sql.query<Row & { cursor: string }>(...pageStatement(query, args, backwards, size + 1))
  const more = found.length > size
  const rows = found.slice(0, size).map((row) => ({ ...row, cursor: encodeCursor(row.cursor) }))
  if (backwards) rows.reverse()
  return {
    rows,
    totalCount: () => count(sql, query),
    hasNextPage: backwards ? args.before !== undefined : more,
    hasPreviousPage: backwards ? more : args.after !== undefined,
    startCursor: rows[0]?.cursor ?? null,
    endCursor: rows.at(-1)?.cursor ?? null,
  }
}

export const sizeOf = ({ first, last }: PageArgs): number => {
  const size = last ?? first ?? defaultSize
  if (first !== undefined && last !== undefined) throw new WeConnectError('INVALID_INPUT', 'give first or last, not both')
  if (!Number.isInteger(size) || size < 0 || size > largestSize)
    throw new WeConnectError('INVALID_INPUT', `a page has 0 to ${largestSize} rows, got ${size}`)
  return size
}

const pageStatement = (query: PageQuery, args: PageArgs, backwards: boolean, limit: number): [string, readonly unknown[]] => {
  const ascending = (query.direction === 'ascending') !== backwards
  const filter = beyond(
    beyond(query.filter, query, args.after, query.direction === 'ascending'),
    query,
    args.before,
    query.direction !== 'ascending',
  )
  const order = query.order.map(({ sql }) => `${sql} ${ascending ? 'asc' : 'desc'}`).join(', ')
  const cursor = `json_build_array(${query.order.map(cursorValue).join(', ')})::text`
  return [
    `select ${query.select}, ${cursor} as cursor from ${query.from} where ${filter.text()} order by ${order} limit ${limit}`,
    filter.values,
  ]
}

const cursorValue = ({ sql, type }: OrderColumn): string =>
  type === 'timestamptz' ? `to_char(${sql} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')` : sql

const beyond = (filter: Filter, { order }: PageQuery, cursor: string | undefined, greater: boolean): Filter => {
  if (cursor === undefined) return filter
  const columns = order.map(({ sql }) => sql).join(', ')
  const places = order.map(({ type }) => `?::${type}`).join(', ')
  return filter.and(`(${columns}) ${greater ? '>' : '<'} (${places})`, ...decodeCursor(cursor, order))
}

const count = async (sql: Sql, { from, filter }: PageQuery): Promise<number> =>
  (await sql.query<{ count: number }>(`select count(*) as count from ${from} where ${filter.text()}`, filter.values))[0]?.count ?? 0

export const encodeCursor = (place: string): string => Buffer.from(place).toString('base64url')

export const decodeCursor = (cursor: string, order: readonly OrderColumn[]): readonly unknown[] => {
  const place = parsed(Buffer.from(cursor, 'base64url').toString())
  if (!Array.isArray(place) || place.length !== order.length || !place.every((value, index) => fits(value, order[index]!.type)))
    throw new WeConnectError('INVALID_INPUT', 'the cursor is not one of this list')
  return place
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const fits = (value: unknown, type: OrderColumn['type']): boolean => {
  if (type === 'integer' || type === 'bigint') return Number.isSafeInteger(value)
  if (typeof value !== 'string' || value.includes('\0')) return false
  if (type === 'uuid') return /^[0-9a-f-]{36}$/.test(value)
  return type === 'text' || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(value)
}
