import type { Sql } from '@weconnect/postgres/pool'
import { containing, ofOrganisation } from '../paging/filter.ts'
import { searchVector } from './tables.ts'
import { fold, prefixQuery } from './words.ts'

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

export interface SearchArgs {
  readonly organisationId: string
  readonly text: string
  readonly kinds?: readonly SearchKind[] | undefined
  /** 20 unless given, 100 at most. */
  readonly limit?: number | undefined
}

/**
 * Workflows (name, description, tags, types of their nodes), nodes (name, type, notes) and failed executions (error) that hold every word, or a
 * word that begins with it, or whose title holds the text or is similar to it. The best first. Archived workflows and their nodes are left out.
 */
export const search = async (sql: Sql, args: SearchArgs): Promise<readonly SearchHit[]> => {
  const query = prefixQuery(args.text)
  if (query === undefined) return []
  const folded = fold(args.text)
  const words = `to_tsquery('simple', $2)`
  const filter = ofOrganisation(args.organisationId)
    .and(
      `(${searchVector} @@ to_tsquery('simple', ?) or t.folded_title like ? or t.folded_title % ? or ${hasMatchingNode})`,
      query,
      containing(folded),
      folded,
    )
    .and(
      `t.visible and not exists (select from search_documents w where w.kind = 'workflow' and w.id = t.workflow_id::text and not w.visible)`,
    )
    .andIf('t.kind = any(?)', args.kinds)
  const limit = Math.max(0, Math.min(100, Math.floor(args.limit ?? 20)))
  return sql.query<SearchHit>(
    `select t.kind, t.id, t.workflow_id as "workflowId", t.title, t.updated_at as "updatedAt",
        ts_headline('simple', case when coalesce(t.body, '') = '' then t.title else t.body end, ${words}, 'StartSel=«, StopSel=», MaxWords=30, MinWords=10') as snippet,
        ts_rank(${searchVector}, ${words}) + similarity(t.folded_title, $4) as rank
      from search_documents t where ${filter.text()} order by rank desc, t.kind, t.id limit ${limit}`,
    filter.values,
  )
}

/** A workflow is found by the types of its nodes. */
const hasMatchingNode = `(t.kind = 'workflow' and exists (select from search_documents n
  where n.kind = 'node' and n.workflow_id = t.workflow_id and to_tsvector('simple', coalesce(n.keywords, '')) @@ to_tsquery('simple', $2)))`
