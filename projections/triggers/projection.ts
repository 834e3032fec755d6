import { streamIdOf } from '../runner/event-values.ts'
import { projection } from '../runner/projection.ts'
import { jsonText } from '../runner/tables/json-column.ts'
import { triggers } from './tables.ts'

export const triggerList = projection({
  name: 'triggers',
  version: 1,
  tables: [triggers],
  on: {
    TriggerRegistered: (event, rows) => {
      const { workflowId, nodeId, nodeName, version, kind } = event.data
      rows.put(triggers, {
        ...{ id: streamIdOf(event), workflow_id: workflowId, organization_id: event.organisationId },
        ...{ node_id: nodeId, name: nodeName, version, kind, is_active: true, failure: null },
        ...{ created_at: event.time, updated_at: event.time },
      })
    },
    TriggerReleased: (event, rows) =>
      rows.update(triggers, { id: streamIdOf(event), is_active: false, failure: null, updated_at: event.time }),
    TriggerFailed: (event, rows) => {
      const { code, message } = event.data
      rows.update(triggers, { id: streamIdOf(event), failure: jsonText({ code, message, since: event.time }), updated_at: event.time })
    },
    TriggerRecovered: (event, rows) => rows.update(triggers, { id: streamIdOf(event), failure: null, updated_at: event.time }),
    ExecutionRequested: (event, rows) => {
      if (event.actor.startsWith('trigger:'))
        rows.update(triggers, { id: event.actor.slice(8), execution_count: 1, last_execution_at: event.time })
    },
  },
})
