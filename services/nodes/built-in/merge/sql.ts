import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeContext } from '../../sdk/node.ts'
import { runApart } from '../apart.ts'
import { asText, nodeFailure } from '../per-item.ts'
import type { Inputs } from './combine.ts'
import { pairedQuery } from './sql-pairing.ts'
import type { SqlInput, SqlRow } from './sql-process.ts'

const maxRows = 1_000_000
const milliseconds = 10_000

/** The query without comments and strings, for a look at its words. */
const bareWords = (query: string): string =>
  query.replaceAll(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]/g, ' ').trim()

/** One statement that reads. The engine is told the same once more (query_only), and has no file to reach. */
const checkQuery = (context: NodeContext, words: string): void => {
  if (words === '') throw nodeFailure(context, 'Parameter "Query" is required', 'query')
  if (words.includes(';')) throw nodeFailure(context, 'The query must be one statement', 'query')
  if (!/^(?:select|with|values)\b/i.test(words)) throw nodeFailure(context, 'Only SELECT statements are allowed', 'query')
}

/**
 * Rows of a query over the inputs, which are the tables input1, input2, ...: SQLite in memory, compiled to WebAssembly, in a process of its own.
 * A row that was made of rows of the inputs is paired with them.
 * @throws WeConnectError NODE_FAILED for what is no SELECT, does not run, or takes too long
 */
export const combineBySql = async (context: NodeContext, inputs: Inputs, options: JsonObject): Promise<readonly Item[]> => {
  const query = asText(await context.parameter('query', 0))
  const words = bareWords(query).replace(/[;\s]+$/, '')
  checkQuery(context, words)
  const tables = inputs.map((items) => items.map(({ json }) => json))
  const input: SqlInput = { query, paired: pairedQuery(query, words), tables, maxRows }
  const rows = await runApart<readonly SqlRow[]>('The query', new URL('./sql-process.ts', import.meta.url), input, context.signal, {
    milliseconds,
  })
  if (rows.length === 0) return options['emptyQueryResult'] === 'success' ? [{ json: { success: true } }] : []
  return rows.map(({ row, from }) => ({ json: { ...row }, ...(from.length > 0 && { pairedItem: from }) }))
}
