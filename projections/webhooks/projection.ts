import { streamIdOf } from '../runner/event-values.ts'
import { projection } from '../runner/projection.ts'
import { webhooks } from './tables.ts'

export const webhookList = projection({
  name: 'webhooks',
  version: 1,
  tables: [webhooks],
  on: {
    WebhookRegistered: (event, rows) => {
      const { workflowId, nodeId, version, method, path } = event.data
      rows.put(webhooks, {
        id: streamIdOf(event),
        workflow_id: workflowId,
        organization_id: event.organisationId,
        node_id: nodeId,
        version,
        method,
        path,
        is_active: true,
        created_at: event.time,
        updated_at: event.time,
      })
    },
    WebhookReleased: (event, rows) => rows.update(webhooks, { id: streamIdOf(event), is_active: false, updated_at: event.time }),
    ExecutionRequested: (event, rows) => {
      if (event.actor.startsWith('webhook:'))
        rows.update(webhooks, { id: event.actor.slice(8), calls_total: 1, last_called_at: event.time })
    },
  },
})
