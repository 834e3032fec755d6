/** A table of a query: its input, and the name the query knows it by. */
interface NamedTable {
  readonly input: number
  readonly name: string
}

const afterTable = new Set([
  'on',
  'using',
  'join',
  'left',
  'right',
  'full',
  'inner',
  'outer',
  'cross',
  'natural',
  'where',
  'order',
  'limit',
  'offset',
  'window',
])

/** Rows that are made of several, or of none in particular, and columns that are named by their place. */
const mixesRows =
  /\b(?:group\s+by|having|distinct|union|intersect|except|over)\b|\b(?:count|sum|total|avg|min|max|group_concat)\s*\(|\border\s+by\s+\d/i

/** What stands between FROM and the conditions. */
const sourcesOf = (words: string): string => /\bfrom\b(.*?)(?:\b(?:where|order|limit|window)\b|$)/is.exec(words)?.[1] ?? ''

const tablesOf = (words: string): readonly NamedTable[] =>
  [...sourcesOf(words).matchAll(/(?:^|\bjoin\b|,)\s*input(\d+)\b(?=(?:\s+(?:as\s+)?([a-z_]\w*))?)/gi)].map(([, number, alias]) => ({
    input: Number(number) - 1,
    name: alias === undefined || afterTable.has(alias.toLowerCase()) ? `input${number}` : alias,
  }))

export interface PairedQuery {
  readonly query: string
  /** Inputs whose rows the first columns of a result name, by number from 1. */
  readonly inputs: readonly number[]
}

/**
 * The query with columns in front that say which rows of the inputs a row of the result was made from.
 * @param words the query without comments and strings
 * @returns undefined where a row of the result does not come from rows that can be named
 */
export const pairedQuery = (query: string, words: string): PairedQuery | undefined => {
  const tables = tablesOf(words)
  if (tables.length === 0 || mixesRows.test(words) || !/^\s*select\b/i.test(query)) return undefined
  const columns = tables.map(({ name }) => `${name}.rowid`).join(', ')
  return { query: query.replace(/^\s*select\b/i, `SELECT ${columns},`), inputs: tables.map(({ input }) => input) }
}
