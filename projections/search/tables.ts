import { table } from '../runner/table.ts'

const words = (column: string, weight: string) => `setweight(to_tsvector('simple', coalesce(${column}, '')), '${weight}')`

/** What can be found: texts are lower case without accents in `folded`, as they were in `title` and `body`. */
export const searchDocuments = table({
  name: 'search_documents',
  columns: {
    kind: 'text',
    id: 'text',
    organization_id: 'text',
    workflow_id: 'uuid',
    title: 'text',
    body: 'text',
    keywords: 'text',
    visible: { type: 'boolean', default: 'true' },
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
  },
  key: ['kind', 'id'],
  indexes: [
    `using gin ((${words('title', 'A')} || ${words('keywords', 'B')} || ${words('body', 'C')}))`,
    `using gin (title gin_trgm_ops)`,
    `(workflow_id)`,
  ],
})

export const searchVector = (alias: string): string =>
  `(${words(`${alias}.title`, 'A')} || ${words(`${alias}.keywords`, 'B')} || ${words(`${alias}.body`, 'C')})`
