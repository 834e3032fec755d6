import { table, type View } from '../runner/tables/table.ts'

/** A node type is registered once for each set of its versions, in streams of their own, whose order means nothing. */
export const nodeRegistrations = table({
  name: 'node_registrations',
  columns: {
    registration: 'text',
    organization_id: 'text',
    name: 'text',
    display_name: 'text',
    description: 'text',
    category: 'text',
    subcategory: 'text',
    version: 'double precision',
    versions: 'jsonb',
    icon: 'text',
    color: 'text',
    properties: 'jsonb',
    inputs: 'jsonb',
    outputs: 'jsonb',
    credentials: 'jsonb',
    webhook_methods: 'text[]',
    polling_config: 'jsonb',
    rate_limits: 'jsonb',
    documentation_url: 'text',
    is_trigger: 'boolean',
    is_webhook: 'boolean',
    is_polling: 'boolean',
    effects: 'text',
    tags: 'text[]',
    definition_hash: 'text',
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
  },
  key: ['registration'],
  indexes: ['(name)'],
})

/** Of each type the newest. */
export const nodeDefinitions: View = {
  name: 'node_definitions',
  query: (schema) =>
    `select distinct on (name) name as id, * from ${schema}.${nodeRegistrations.name} order by name, version desc nulls last, registration`,
}
