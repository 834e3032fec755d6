import { table } from '../runner/table.ts'

export const webhooks = table({
  name: 'webhooks',
  columns: {
    id: 'uuid',
    workflow_id: 'uuid',
    organization_id: 'text',
    node_id: 'text',
    version: 'integer',
    path: 'text',
    method: { type: 'text', default: "'POST'" },
    authentication: 'jsonb',
    rate_limiting: 'jsonb',
    request_validation: 'jsonb',
    response_config: 'jsonb',
    is_active: 'boolean',
    calls_total: { type: 'bigint', merge: 'sum', default: '0' },
    last_called_at: 'timestamptz',
    statistics: { type: 'jsonb', generated: `('{"calls":' || calls_total || '}')::jsonb` },
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
  },
  key: ['id'],
  indexes: ['(organization_id, created_at, id)', '(workflow_id)', 'using hash (path)'],
  storage: 'fillfactor = 70',
})
