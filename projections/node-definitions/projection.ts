import type { JsonValue } from '@weconnect/contracts/json'
import type { NodeDefinition } from '@weconnect/contracts/node'
import { streamIdOf } from '../runner/event-values.ts'
import { projection } from '../runner/projection.ts'
import { jsonText, jsonTextIf } from '../runner/tables/json-column.ts'
import type { RowOf } from '../runner/tables/table.ts'
import { nodeDefinitions, nodeRegistrations } from './tables.ts'

export const nodeDefinitionList = projection({
  name: 'node-definitions',
  version: 2,
  tables: [nodeRegistrations],
  views: [nodeDefinitions],
  on: {
    NodeRegistered: (event, rows) => {
      const { name, definition, definitionHash } = event.data
      rows.put(nodeRegistrations, {
        registration: streamIdOf(event),
        name,
        organization_id: event.organisationId,
        ...definitionColumns(definition as unknown as NodeDefinition),
        definition_hash: definitionHash,
        // Kept when it is registered again: it is written by the first event of the stream only.
        created_at: event.revision === 0 ? event.time : undefined,
        updated_at: event.time,
      })
    },
  },
})

const definitionColumns = (definition: NodeDefinition): RowOf<typeof nodeRegistrations> => ({
  display_name: definition.displayName,
  description: definition.description,
  category: definition.category,
  subcategory: definition.subcategory ?? null,
  version: definition.versions.at(-1) ?? null,
  versions: jsonText(definition.versions),
  icon: definition.icon ?? null,
  color: definition.color ?? null,
  properties: jsonText(definition.properties as unknown as JsonValue),
  inputs: jsonText(definition.inputs as unknown as JsonValue),
  outputs: jsonText(definition.outputs as unknown as JsonValue),
  credentials: jsonTextIf(definition.credentials as unknown as JsonValue),
  webhook_methods: definition.webhookMethods ?? [],
  rate_limits: jsonTextIf(definition.rateLimits as unknown as JsonValue),
  documentation_url: definition.documentationUrl ?? null,
  is_trigger: definition.isTrigger ?? false,
  is_webhook: definition.isWebhook ?? false,
  is_polling: definition.isPolling ?? false,
  effects: definition.effects,
  tags: definition.tags ?? [],
})
