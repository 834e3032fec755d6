import { table } from '../runner/tables/table.ts'

export const auditEntries = table({
  name: 'audit_entries',
  columns: {
    organization_id: 'text',
    position: 'text',
    event_id: 'uuid',
    type: 'text',
    actor: 'text',
    stream: 'text',
    revision: 'integer',
    time: 'timestamptz',
    correlation_id: 'text',
    causation_id: 'text',
  },
  key: ['organization_id', 'position'],
})
