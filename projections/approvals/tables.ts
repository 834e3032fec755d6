import { table } from '../runner/tables/table.ts'

/** One row for each approval that is waited for: it is gone when that is over. */
export const approvals = table({
  name: 'approvals',
  columns: {
    execution_id: 'uuid',
    step: 'integer',
    organization_id: 'text',
    workflow_id: 'uuid',
    node_id: 'text',
    node_name: 'text',
    title: 'text',
    roles: 'text[]',
    until: 'timestamptz',
    opened_at: 'timestamptz',
  },
  key: ['execution_id', 'step'],
  indexes: ['(organization_id, opened_at, execution_id, step)', '(workflow_id)'],
})
