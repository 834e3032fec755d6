import { type FoundDocument, quoted, type SearchIndexes, type SearchQuery } from '@weconnect/search/port'
import type { StoredDocument } from './documents.ts'
import type { Search, SearchArgs, SearchHit, SearchKind } from './face.ts'
import { searchIndexName } from './meili-store.ts'
import { fold } from './words.ts'

const allKinds: readonly SearchKind[] = ['workflow', 'execution', 'node']

/** The search documents that MeiliSearch keeps. */
export const meiliSearch = (indexes: SearchIndexes): Search => ({ find: (args) => find(indexes, args) })

const find = async (
  indexes: SearchIndexes,
  { organisationId, text, kinds = allKinds, limit = 20 }: SearchArgs,
): Promise<readonly SearchHit[]> => {
  const words = fold(text)
  const most = Math.max(0, Math.min(100, Math.floor(limit)))
  if (words === '' || most === 0 || kinds.length === 0) return []
  const hidden = await hiddenWorkflows(indexes, organisationId)
  const visible = [`organizationId = ${quoted(organisationId)}`, ...(hidden.length === 0 ? [] : [`workflowId NOT IN ${listed(hidden)}`])]
  const query = (more: readonly string[], others: Partial<SearchQuery> = {}): SearchQuery => ({
    ...{ text: words, filter: [...visible, ...more].join(' AND '), limit: most },
    ...others,
  })
  const [found = [], nodes = []] = await indexes.search<StoredDocument>(searchIndexName, [
    query([`kind IN ${listed(kinds)}`], { excerpts: ['title', 'body'] }),
    // A workflow is found by the types of its nodes, too.
    ...(kinds.includes('workflow') ? [query(['kind = node'], { within: ['keywords'], distinct: 'workflowId' })] : []),
  ])
  const direct = found.map(hitOf)
  const missing = nodes.filter(({ document }) => !direct.some(({ kind, id }) => kind === 'workflow' && id === document.workflowId))
  return [...direct, ...(await workflowsOf(indexes, visible, missing))].sort(byRank).slice(0, most)
}

const hiddenWorkflows = async (indexes: SearchIndexes, organisationId: string): Promise<readonly string[]> => {
  const filter = `organizationId = ${quoted(organisationId)} AND kind = workflow AND visible = false`
  return (await indexes.list<StoredDocument>(searchIndexName, filter)).map(({ workflowId }) => workflowId)
}

const workflowsOf = async (
  indexes: SearchIndexes,
  visible: readonly string[],
  nodes: readonly FoundDocument<StoredDocument>[],
): Promise<readonly SearchHit[]> => {
  if (nodes.length === 0) return []
  const ids = nodes.map(({ document }) => document.workflowId)
  const filter = [...visible, 'kind = workflow', `workflowId IN ${listed(ids)}`].join(' AND ')
  const scores = new Map(nodes.map(({ document, score }) => [document.workflowId, score]))
  const documents = await indexes.list<StoredDocument>(searchIndexName, filter)
  return documents.map((document) => hitOf({ document, excerpts: {}, score: (scores.get(document.workflowId) ?? 0) / 2 }))
}

const hitOf = ({
  document: { kind, id, workflowId, title, body, updatedAt },
  excerpts,
  score,
}: FoundDocument<StoredDocument>): SearchHit => ({
  ...{ kind, id, workflowId, title, updatedAt, rank: score },
  snippet: body === '' ? (excerpts['title'] ?? title) : (excerpts['body'] ?? body),
})

const byRank = (a: SearchHit, b: SearchHit): number =>
  b.rank - a.rank || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.id < b.id ? -1 : 1)

const listed = (values: readonly string[]): string => `[${values.map(quoted).join(', ')}]`
