import type { Sql } from '@weconnect/postgres/pool'
import { containing, ofOrganisation } from '../paging/filter.ts'
import type { Search, SearchArgs, SearchHit } from './face.ts'
import { searchVector } from './tables.ts'
import { fold, prefixQuery } from './words.ts'

/** The search documents that PostgreSQL keeps. */
export const postgresSearch = (sql: Sql): Search => ({ find: (args) => find(sql, args) })

const find = async (sql: Sql, args: SearchArgs): Promise<readonly SearchHit[]> => {
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
