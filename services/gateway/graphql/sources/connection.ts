import { WeConnectError } from '@weconnect/contracts/errors'
import type { Page, PageArgs } from '@weconnect/projections/paging/page'

export interface Connection<Node> {
  /** A function is called only when the field is asked for. */
  readonly totalCount: number | null | (() => Promise<number | null>)
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[]
}

export const connectionOf = <Row, Node>(page: Page<Row>, nodeOf: (row: Row) => Node): Connection<Node> => ({
  totalCount: page.totalCount,
  pageInfo: page,
  edges: page.rows.map((row) => ({ cursor: row.cursor, node: nodeOf(row) })),
})

export interface GivenPageArgs {
  readonly first?: number | null
  readonly after?: string | null
  readonly last?: number | null
  readonly before?: string | null
}

/** An argument that is null counts as absent. */
export const pageArgs = ({ first, after, last, before }: GivenPageArgs): PageArgs => ({
  first: first ?? undefined,
  after: after ?? undefined,
  last: last ?? undefined,
  before: before ?? undefined,
})

const defaultSize = 20
const largestSize = 200

/** @throws WeConnectError INVALID_INPUT */
export const pageSizeOf = ({ first, last }: PageArgs): number => {
  if (first !== undefined && last !== undefined) throw new WeConnectError('INVALID_INPUT', 'give first or last, not both')
  const size = last ?? first ?? defaultSize
  if (size < 0 || size > largestSize) throw new WeConnectError('INVALID_INPUT', `a page has 0 to ${largestSize} rows, got ${size}`)
  return size
}

/** A page of what is in memory, in its order. @param numberOf ascending and unique; it is the cursor */
export const pageOfList = <Node>(list: readonly Node[], given: GivenPageArgs, numberOf: (node: Node) => number): Connection<Node> => {
  const args = pageArgs(given)
  const size = pageSizeOf(args)
  const [after, before] = [numberIn(args.after), numberIn(args.before)]
  const within = list.filter((node) => (after === undefined || numberOf(node) > after) && (before === undefined || numberOf(node) < before))
  const rows = args.last === undefined ? within.slice(0, size) : within.slice(Math.max(0, within.length - size))
  const more = rows.length < within.length
  const edges = rows.map((node) => ({ cursor: Buffer.from(`${numberOf(node)}`).toString('base64url'), node }))
  return {
    totalCount: list.length,
    pageInfo: {
      hasNextPage: args.last === undefined ? more : before !== undefined,
      hasPreviousPage: args.last === undefined ? after !== undefined : more,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    edges,
  }
}

const numberIn = (cursor: string | undefined): number | undefined => {
  if (cursor === undefined) return undefined
  const text = Buffer.from(cursor, 'base64url').toString()
  if (!/^\d{1,15}$/.test(text)) throw new WeConnectError('INVALID_INPUT', 'the cursor is not one of this list')
  return Number(text)
}
