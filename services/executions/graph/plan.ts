import type { PlanNode } from '@weconnect/contracts/events/types'
import { edgesFrom, type Graph } from './graph.ts'

/**
 * Nodes that can be reached from the trigger, in groups: the nodes of a group do not depend on each other. An edge that closes a loop does
 * not count.
 */
export const planOf = (graph: Graph, triggerNodeId: string): PlanNode[] => {
  const depth = new Map<string, number>([[triggerNodeId, 0]])
  const order = topological(graph, triggerNodeId)
  const rank = new Map(order.map((nodeId, index) => [nodeId, index]))
  for (const [index, nodeId] of order.entries()) {
    const below = (depth.get(nodeId) ?? 0) + 1
    for (const { target } of edgesFrom(graph, nodeId).flat()) {
      if ((rank.get(target.nodeId) ?? 0) > index) depth.set(target.nodeId, Math.max(depth.get(target.nodeId) ?? 0, below))
    }
  }
  return order.map((nodeId) => ({ nodeId, group: depth.get(nodeId) ?? 0 })).sort((a, b) => a.group - b.group)
}

const topological = (graph: Graph, start: string): string[] => {
  const seen = new Set<string>([start])
  const finished: string[] = []
  const stack = [{ nodeId: start, edges: edgesFrom(graph, start).flat(), next: 0 }]
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!
    const edge = top.edges[top.next++]
    if (!edge) {
      finished.push(top.nodeId)
      stack.pop()
    } else if (!seen.has(edge.target.nodeId)) {
      seen.add(edge.target.nodeId)
      stack.push({ nodeId: edge.target.nodeId, edges: edgesFrom(graph, edge.target.nodeId).flat(), next: 0 })
    }
  }
  return finished.reverse()
}
