import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { sameJson } from '../canonical-json.ts'
import type { Workflow, WorkflowNode } from '../model.ts'
import { exportConnections } from './export-connections.ts'
import type { ImportedShape } from './import-n8n.ts'

const nothingImported: ImportedShape = { keys: {}, defaults: {}, nodeDefaults: {}, wiring: [], entries: {} }

/**
 * A workflow in n8n's file format. An imported workflow that was not edited gives its file back, key by key. What n8n has no word for (conditions and
 * transform of a connection, timeoutMs and cache of a node, executionOrder `parallel`) is written under our names, which n8n ignores.
 */
export const exportN8n = (workflow: Workflow): JsonObject => {
  const shape = (workflow.imported as unknown as ImportedShape | undefined) ?? nothingImported
  const connections = exportConnections(workflow, shape)
  const content: JsonObject = {
    name: workflow.name,
    ...(workflow.description !== '' && { description: workflow.description }),
    nodes: workflow.nodes.map((node) => exportNode(node, shape.nodeDefaults[node.nodeId] ?? {})),
    connections,
    settings: workflow.settings,
    tags: workflow.tags,
    ...(workflow.pinData !== undefined && { pinData: workflow.pinData }),
  }
  return {
    ...shape.keys,
    ...withoutDefaults(content, shape.defaults),
    ...(sameJson(workflow.tags, shape.defaults['tags']) ? {} : { tags: exportTags(workflow.tags, shape.keys['tags']) }),
    ...exportIdentity(workflow),
  }
}

/** Leaves out what was supplied by the import and is still so. */
const withoutDefaults = (content: JsonObject, defaults: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(content).filter(([key, value]) => !(Object.hasOwn(defaults, key) && sameJson(value, defaults[key]))))

const exportNode = (node: WorkflowNode, defaults: JsonObject): JsonObject => {
  const { x, y, z } = node.position
  const content: JsonObject = {
    parameters: node.parameters,
    name: node.name,
    type: node.nodeType,
    typeVersion: node.typeVersion,
    position: z === undefined ? [x, y] : [x, y, z],
    ...(node.options as JsonObject),
    ...(node.credentials !== undefined && { credentials: node.credentials }),
  }
  return { ...(node.extra as JsonObject | undefined), ...exportId(node), ...withoutDefaults(content, defaults) }
}

/** The id of the file: our own where the file had none that was unique, the file's own (or none) where we made one. */
const exportId = (node: WorkflowNode): JsonObject => {
  if (node.importedId === undefined) return { id: node.nodeId }
  return node.importedId === null ? {} : { id: node.importedId }
}

/** A tag keeps the object it came with. */
const exportTags = (tags: readonly string[], original: JsonValue | undefined): JsonValue => {
  const known = Array.isArray(original) ? (original as readonly JsonValue[]) : []
  return tags.map((name) => known.find((tag) => tag === name || (isJsonObject(tag) && tag['name'] === name)) ?? { name })
}

/** `id` and `active`: ours for a workflow made here; the file's for an imported one, until it is activated here. */
const exportIdentity = (workflow: Workflow): JsonObject => {
  const active = workflow.status === 'active'
  if (workflow.imported === undefined) return { id: workflow.workflowId, active }
  return workflow.status === 'draft' ? {} : { active }
}
