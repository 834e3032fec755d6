import { table } from '../runner/tables/table.ts'

const count = { type: 'bigint', merge: 'sum', default: '0' } as const

const ended = 'succeeded_total + failed_total'
const statistics = `(
  '{"calls":' || calls_total || ',"succeeded":' || succeeded_total || ',"failed":' || failed_total
  || ',"averageMs":' || (case when ${ended} = 0 then 'null' else round(duration_ms_total::numeric / (${ended}))::text end)
  || ',"duplicates":' || duplicates_total || ',"refused":' || (refused_who + refused_rate + refused_content + refused_other)
  || ',"refusedBy":{"who":' || refused_who || ',"rate":' || refused_rate || ',"content":' || refused_content || ',"other":' || refused_other || '}}'
)::jsonb`

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
    calls_total: count,
    succeeded_total: count,
    failed_total: count,
    duration_ms_total: count,
    duplicates_total: count,
    refused_who: count,
    refused_rate: count,
    refused_content: count,
    refused_other: count,
    last_called_at: { type: 'timestamptz', merge: 'greatest' },
    statistics: { type: 'jsonb', generated: statistics },
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
  },
  key: ['id'],
  indexes: ['(organization_id, created_at, id)', '(workflow_id)', 'using hash (path)'],
  storage: 'fillfactor = 70',
})
