import { table } from '../runner/tables/table.ts'

const weighted = (prefix: string): string =>
  (
    [
      ['folded_title', 'A'],
      ['keywords', 'B'],
      ['folded_body', 'C'],
    ] as const
  )
    .map(([column, weight]) => `setweight(to_tsvector('simple', coalesce(${prefix}${column}, '')), '${weight}')`)
    .join(' || ')

/** What the index holds of a document: the title counts most, then the keywords, then the body. */
export const searchVector = `(${weighted('t.')})`

/** What can be found; `folded_*` and `keywords` are compared (see words.ts), `title` and `body` are shown. */
export const searchDocuments = table({
  name: 'search_documents',
  columns: {
    kind: 'text',
    id: 'text',
    organization_id: 'text',
    workflow_id: 'uuid',
    title: 'text',
    body: 'text',
    folded_title: 'text',
    folded_body: 'text',
    keywords: 'text',
    visible: { type: 'boolean', default: 'true' },
    updated_at: 'timestamptz',
  },
  key: ['kind', 'id'],
  indexes: [`using gin ((${weighted('')}))`, 'using gin (folded_title gin_trgm_ops)', '(workflow_id)'],
})
