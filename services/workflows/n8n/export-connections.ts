import type { ConnectionData } from '@weconnect/contracts/events/types'
import type { JsonObject } from '@weconnect/contracts/json'
import type { WorkflowContent } from '../model.ts'
import { entryOf } from './import-connections.ts'
import type { ImportedOutput, ImportedShape } from './import-n8n.ts'

type Slots = (JsonObject[] | null)[]
/** Outputs by source name, then by type. Maps, because a node may be called `constructor`. */
type Outputs = Map<string, Map<string, Slots>>

/** The edges in n8n's form, with the empty outputs and stray entries that an imported file had. */
export const exportConnections = ({ nodes, connections }: WorkflowContent, { wiring, entries }: ImportedShape): JsonObject => {
  const current = new Map(nodes.map((node) => [node.nodeId, node]))
  const outputs: Outputs = new Map()
  const nameOf = (nodeId: string): string => current.get(nodeId)?.name ?? nodeId
  for (const edge of connections) {
    const slots = slotsOf(outputs, nameOf(edge.sourceNodeId), edge.sourceOutput)
    slotAt(slots, edge.sourceIndex).push(exportEntry(edge, nameOf(edge.targetNodeId), entries[edge.connectionId]))
  }
  for (const kept of wiring) {
    if (kept.sourceNodeId === undefined || current.has(kept.sourceNodeId))
      restore(outputs, kept, kept.sourceNodeId === undefined ? kept.sourceName : nameOf(kept.sourceNodeId))
  }
  return Object.fromEntries([...outputs].map(([name, types]) => [name, Object.fromEntries(types)]))
}

const slotsOf = (outputs: Outputs, name: string, output: string): Slots => {
  const types = typesOf(outputs, name)
  const slots = types.get(output) ?? []
  types.set(output, slots)
  return slots
}

const typesOf = (outputs: Outputs, name: string): Map<string, Slots> => {
  const types = outputs.get(name) ?? new Map<string, Slots>()
  outputs.set(name, types)
  return types
}

const slotAt = (slots: Slots, index: number): JsonObject[] => {
  while (slots.length <= index) slots.push([])
  const slot = slots[index] ?? []
  slots[index] = slot
  return slot
}

const exportEntry = (edge: ConnectionData, targetName: string, original: JsonObject | undefined): JsonObject => {
  if (!original) return entryOf(edge, targetName)
  const { conditions, transform } = edge
  return { ...original, node: targetName, ...(conditions !== undefined && { conditions }), ...(transform !== undefined && { transform }) }
}

const restore = (outputs: Outputs, { output, slots: kept }: ImportedOutput, name: string): void => {
  if (output === undefined) {
    typesOf(outputs, name)
    return
  }
  const slots = slotsOf(outputs, name, output)
  for (const [index, entries] of kept.entries()) {
    const slot = slotAt(slots, index)
    if (entries === null && slot.length === 0) slots[index] = null
    for (const { at, entry } of entries ?? []) slot.splice(at, 0, entry)
  }
}
