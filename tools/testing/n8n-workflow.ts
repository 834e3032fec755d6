import type { JsonObject } from '@weconnect/contracts/json'

/** A node of a workflow file, short. */
export interface NodeSketch {
  readonly type: string
  readonly version?: number
  readonly parameters?: JsonObject
  /** Any other key of n8n's node object: onError, retryOnFail ... */
  readonly options?: JsonObject
}

/** `A -> B`, `A:1 -> B:0` (output and input index). */
export type EdgeSketch = string

const edge = /^(.+?)(?::(\d+))? -> (.+?)(?::(\d+))?$/

/** An n8n workflow file from a sketch: nodes by name, edges as text; each node stands to the right of the one before. */
export const workflowFile = (
  name: string,
  nodes: Readonly<Record<string, NodeSketch>>,
  edges: readonly EdgeSketch[],
  settings: JsonObject = { executionOrder: 'v1' },
): JsonObject => {
  const connections: Record<string, { main: { node: string; type: string; index: number }[][] }> = {}
  for (const text of edges) {
    const [, source, output = '0', target, input = '0'] = edge.exec(text) ?? []
    if (source === undefined || target === undefined) throw new Error(`not an edge: ${text}`)
    // A node may be called `constructor`.
    if (!Object.hasOwn(connections, source)) connections[source] = { main: [] }
    const { main } = connections[source]!
    while (main.length <= Number(output)) main.push([])
    main[Number(output)]?.push({ node: target, type: 'main', index: Number(input) })
  }
  return {
    name,
    nodes: Object.entries(nodes).map(([nodeName, { type, version = 1, parameters = {}, options = {} }], index) => ({
      id: `node-${index}`,
      name: nodeName,
      type,
      typeVersion: version,
      position: [index * 200, 0],
      parameters,
      ...options,
    })),
    connections,
    settings,
  }
}

export const manual: NodeSketch = { type: 'n8n-nodes-base.manualTrigger' }
export const noOp: NodeSketch = { type: 'n8n-nodes-base.noOp' }

/** A Set node that keeps what came and adds fields; values that begin with `=` are expressions. */
export const setFields = (fields: Readonly<Record<string, string>>): NodeSketch => ({
  type: 'n8n-nodes-base.set',
  version: 3.4,
  parameters: {
    includeOtherFields: true,
    assignments: { assignments: Object.entries(fields).map(([name, value], index) => ({ id: `f${index}`, name, value, type: 'string' })) },
    options: {},
  },
})

/** An If node on one expression that gives a boolean. */
export const ifTrue = (expression: string): NodeSketch => ({
  type: 'n8n-nodes-base.if',
  version: 2.2,
  parameters: {
    conditions: {
      options: { caseSensitive: true, leftValue: '', typeValidation: 'loose', version: 2 },
      combinator: 'and',
      conditions: [{ id: 'c', leftValue: expression, rightValue: '', operator: { type: 'boolean', operation: 'true', singleValue: true } }],
    },
    options: {},
  },
})
