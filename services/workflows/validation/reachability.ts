import type { ConnectionData } from '@weconnect/contracts/events/types'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { WorkflowContent, WorkflowNode } from '../model.ts'

/** A note on the canvas: never runs, needs no connection. */
export const isStickyNote = (node: WorkflowNode): boolean => node.nodeType === 'n8n-nodes-base.stickyNote'

/** Of an unknown type only the name tells: so that a missing type is reported once, and not for all nodes behind it. */
export const isTrigger = (node: WorkflowNode, registry: NodeRegistry): boolean => {
  const version = registry.find(node.nodeType, node.typeVersion) ? node.typeVersion : registry.versionsOf(node.nodeType).at(-1)
  const type = version === undefined ? undefined : registry.find(node.nodeType, version)
  return type ? type.definition.isTrigger === true : /(trigger|webhook|\.(start|cron|interval|emailReadImap))$/i.test(node.nodeType)
}

/** Sub-nodes (ai_*) are drawn towards the node that uses them: that node leads to them, not the other way round. */
const direction = (edge: ConnectionData): readonly [from: string, to: string] =>
  edge.sourceOutput === 'main' ? [edge.sourceNodeId, edge.targetNodeId] : [edge.targetNodeId, edge.sourceNodeId]

/** Ids of the nodes that a trigger leads to, the triggers included. A disabled trigger counts: what follows it is meant to be there. */
export const reachableNodes = ({ nodes, connections }: WorkflowContent, registry: NodeRegistry): ReadonlySet<string> => {
  const next = new Map<string, string[]>()
  for (const [from, to] of connections.map(direction)) next.set(from, [...(next.get(from) ?? []), to])
  const reached = new Set(nodes.filter((node) => isTrigger(node, registry)).map((node) => node.nodeId))
  // A set grows while it is walked, which makes it the queue as well.
  for (const nodeId of reached) for (const follower of next.get(nodeId) ?? []) reached.add(follower)
  return reached
}
