import { table } from '../runner/tables/table.ts'

export const triggers = table({
  name: 'triggers',
  columns: {
    id: 'uuid',
    workflow_id: 'uuid',
    organization_id: 'text',
    node_id: 'text',
    name: 'text',
    version: 'integer',
    kind: 'text',
    is_active: 'boolean',
    failure: 'jsonb',
    execution_count: { type: 'bigint', merge: 'sum', default: '0' },
    last_execution_at: 'timestamptz',
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
  },
  key: ['id'],
  indexes: ['(organization_id, created_at, id)', '(workflow_id)'],
  storage: 'fillfactor = 70',
})
