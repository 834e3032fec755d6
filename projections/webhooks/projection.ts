import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { streamIdOf } from '../runner/event-values.ts'
import { projection } from '../runner/projection.ts'
import { jsonTextIf } from '../runner/tables/json-column.ts'
import type { Rows } from '../runner/tables/rows.ts'
import { webhooks } from './tables.ts'

export const webhookList = projection({
  name: 'webhooks',
  version: 3,
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
    WebhookConfigured: (event, rows) => {
      const { authentication, rateLimiting, requestValidation, responseConfig } = objectOf(event.data.settings)
      rows.update(webhooks, {
        id: streamIdOf(event),
        authentication: jsonTextIf(authentication),
        rate_limiting: jsonTextIf(rateLimiting),
        request_validation: jsonTextIf(requestValidation),
        response_config: jsonTextIf(responseConfig),
      })
    },
    WebhookReleased: (event, rows) => rows.update(webhooks, { id: streamIdOf(event), is_active: false, updated_at: event.time }),
    WebhookCallsCounted: (event, rows) => {
      const { duplicates, refused } = event.data
      const sums = { refused_who: 0, refused_rate: 0, refused_content: 0, refused_other: 0 }
      for (const [code, calls] of Object.entries(refused)) sums[kindOf(code)] += calls
      rows.update(webhooks, { id: streamIdOf(event), duplicates_total: duplicates, ...sums })
    },
    ExecutionRequested: (event, rows) => {
      // Put, as its webhook may come later when topics are read; until then the row belongs to no organisation.
      if (event.actor.startsWith('webhook:')) rows.put(webhooks, { id: event.actor.slice(8), calls_total: 1, last_called_at: event.time })
    },
    ExecutionCompleted: (event, rows, { webhookId }) => ended(rows, webhookId, { succeeded_total: 1 }, event.data.durationMs),
    ExecutionFailed: (event, rows, { webhookId }) => ended(rows, webhookId, { failed_total: 1 }, event.data.durationMs),
    ExecutionTimedOut: (event, rows, { webhookId }) => ended(rows, webhookId, { failed_total: 1 }, event.data.durationMs),
  },
})

const ended = (
  rows: Rows,
  webhookId: string | undefined,
  how: { readonly succeeded_total: 1 } | { readonly failed_total: 1 },
  durationMs: number,
): void => {
  if (webhookId !== undefined) rows.put(webhooks, { id: webhookId, ...how, duration_ms_total: Math.round(durationMs) })
}

const kinds: Readonly<Record<string, 'refused_who' | 'refused_rate' | 'refused_content'>> = {
  UNAUTHENTICATED: 'refused_who',
  FORBIDDEN: 'refused_who',
  RATE_LIMITED: 'refused_rate',
  INVALID_INPUT: 'refused_content',
  MALFORMED_JSON: 'refused_content',
  BODY_TOO_LARGE: 'refused_content',
  BODY_LENGTH_MISMATCH: 'refused_content',
}
const kindOf = (code: string) => (Object.hasOwn(kinds, code) ? kinds[code] : undefined) ?? 'refused_other'

const objectOf = (value: JsonValue): JsonObject => (isJsonObject(value) ? value : {})
