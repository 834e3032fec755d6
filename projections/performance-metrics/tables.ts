import { table } from '../runner/tables/table.ts'

export const performanceMetrics = table({
  name: 'performance_metrics',
  columns: {
    id: 'uuid',
    organization_id: 'text',
    entity_type: 'text',
    entity_id: 'text',
    metric_name: 'text',
    metric_value: { type: 'double precision', merge: 'sum', default: '0' },
    metric_unit: 'text',
    tags: 'jsonb',
    timestamp: 'timestamptz',
  },
  key: ['id'],
  indexes: ['(organization_id, entity_type, entity_id, metric_name, timestamp)'],
  storage: 'fillfactor = 70',
})
