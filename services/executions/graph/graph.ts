import type { ConnectionData } from '@weconnect/contracts/events/types'
import type { WorkflowContent, WorkflowNode } from '@weconnect/workflows/model'

/** An edge of type main, as the planner walks it. */
export interface Edge {
  readonly source: WorkflowNode
  readonly output: number
  readonly target: WorkflowNode
  readonly input: number
  readonly connection: ConnectionData
}

/** The content of a workflow, indexed for running. */
export interface Graph {
  readonly content: WorkflowContent
  readonly byId: ReadonlyMap<string, WorkflowNode>
  readonly byName: ReadonlyMap<string, WorkflowNode>
  /** Edges that leave a node: [output][n], in the order in which they were drawn. */
  readonly outgoing: ReadonlyMap<string, readonly (readonly Edge[])[]>
  /** Edges that enter a node: [input][n]. Inputs without an edge are empty lists. */
  readonly incoming: ReadonlyMap<string, readonly (readonly Edge[])[]>
  /** Whether any edge has a condition or a transform. */
  readonly hasEdgeRules: boolean
  /** Whether `ancestor` can lead to `nodeId`. */
  isAncestor(ancestor: string, nodeId: string): boolean
}

const noEdges: readonly (readonly Edge[])[] = []
export const edgesFrom = (graph: Graph, nodeId: string): readonly (readonly Edge[])[] => graph.outgoing.get(nodeId) ?? noEdges
export const edgesInto = (graph: Graph, nodeId: string): readonly (readonly Edge[])[] => graph.incoming.get(nodeId) ?? noEdges
/** Inputs that have at least one edge. */
export const connectedInputs = (graph: Graph, nodeId: string): number[] =>
  edgesInto(graph, nodeId).flatMap((edges, input) => (edges.length > 0 ? [input] : []))

const put = (lists: Map<string, Edge[][]>, key: string, index: number, edge: Edge): void => {
  const rows = lists.get(key) ?? []
  lists.set(key, rows)
  while (rows.length <= index) rows.push([])
  rows[index]?.push(edge)
}

const buildGraph = (content: WorkflowContent): Graph => {
  const byId = new Map(content.nodes.map((node) => [node.nodeId, node]))
  const byName = new Map(content.nodes.map((node) => [node.name, node]))
  const outgoing = new Map<string, Edge[][]>()
  const incoming = new Map<string, Edge[][]>()
  for (const connection of content.connections) {
    const source = byId.get(connection.sourceNodeId)
    const target = byId.get(connection.targetNodeId)
    if (!source || !target || connection.sourceOutput !== 'main' || connection.targetInput !== 'main') continue
    const edge = { source, output: connection.sourceIndex, target, input: connection.targetIndex, connection }
    put(outgoing, source.nodeId, edge.output, edge)
    put(incoming, target.nodeId, edge.input, edge)
  }
  const hasEdgeRules = content.connections.some(({ conditions, transform }) => conditions !== undefined || transform !== undefined)
  return { content, byId, byName, outgoing, incoming, hasEdgeRules, isAncestor: ancestorLookup(incoming) }
}

const ancestorLookup = (incoming: ReadonlyMap<string, readonly (readonly Edge[])[]>) => {
  const known = new Map<string, ReadonlySet<string>>()
  const ancestorsOf = (nodeId: string): ReadonlySet<string> => {
    const found = new Set<string>()
    const open = [nodeId]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const edge of (incoming.get(next) ?? []).flat()) {
        if (found.has(edge.source.nodeId)) continue
        found.add(edge.source.nodeId)
        open.push(edge.source.nodeId)
      }
    }
    return found
  }
  return (ancestor: string, nodeId: string): boolean => {
    const ancestors = known.get(nodeId) ?? ancestorsOf(nodeId)
    known.set(nodeId, ancestors)
    return ancestors.has(ancestor)
  }
}

const graphs = new WeakMap<WorkflowContent, Graph>()
/** The graph of a content; made once for each content object. */
export const graphOf = (content: WorkflowContent): Graph => {
  const graph = graphs.get(content) ?? buildGraph(content)
  graphs.set(content, graph)
  return graph
}

/** n8n's settings.executionTimeout: seconds; absent or not positive = none. */
export const timeoutMsOf = (graph: Graph): number | undefined => {
  const seconds = graph.content.settings['executionTimeout']
  return typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined
}
