import { table, uncompressed } from '../runner/table.ts'

/** One document per execution, in parts of 200 events, so that an execution of many steps is not written again with every batch. */
export const runLogs = table({
  name: 'run_logs',
  columns: {
    execution_id: 'uuid',
    part: 'integer',
    organization_id: 'text',
    entries: { type: 'json', merge: 'concat' },
  },
  key: ['execution_id', 'part'],
  storage: uncompressed,
})
