import { isWeConnectError, type Problem } from '@weconnect/contracts/errors'
import type { ConnectionData } from '@weconnect/contracts/events/types'
import { expressionsOf, parseFlowControl } from '@weconnect/flow/declaration'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { WorkflowContent, WorkflowNode } from '../model.ts'
import { isPrototypeName } from '../plain-json.ts'
import { isStickyNote, isTrigger, reachableNodes } from './reachability.ts'
import { expressionProblems, type ParseExpression, parameterProblems } from './validate-parameters.ts'
import { webhooksOf } from './webhooks-of.ts'

export interface ValidationRules {
  readonly registry: NodeRegistry
  readonly parseExpression: ParseExpression
}

/** Every problem that forbids a publish, in the order of the nodes; empty = the content can run. Loops are no problem. */
export const findProblems = (content: WorkflowContent, rules: ValidationRules): readonly Problem[] => {
  const nodes = content.nodes.filter((node) => !isStickyNote(node))
  return [
    ...triggerProblems(nodes, rules.registry),
    ...nameProblems(content.nodes),
    ...nodes.filter((node) => !node.options.disabled).flatMap((node) => nodeProblems(node, rules)),
    ...unreachableProblems(content, nodes, rules.registry),
    ...compensationProblems(nodes, rules.registry),
    ...content.connections.flatMap((edge) => connectionProblems(edge, content, rules)),
    ...webhookProblems(nodes, rules.registry),
    ...flowProblems(content, rules),
  ]
}

/** What an imported file declares was not checked before. */
const flowProblems = ({ settings }: WorkflowContent, { parseExpression }: ValidationRules): readonly Problem[] => {
  try {
    const flow = parseFlowControl(settings)
    return (flow ? expressionsOf(flow) : []).flatMap(({ path, code }): Problem[] => {
      const wrong = parseExpression(code)
      const message = wrong && `${path}: the expression does not parse: ${wrong.message} at position ${wrong.position}`
      return message === undefined ? [] : [{ code: 'EXPRESSION_INVALID', message, path }]
    })
  } catch (error) {
    if (!isWeConnectError(error)) throw error
    return [{ code: 'WORKFLOW_INVALID', message: error.message, path: error.problems[0]?.path ?? '$.settings.flowControl' }]
  }
}

const problem = (message: string, node?: string): Problem => ({ code: 'WORKFLOW_INVALID', message, ...(node !== undefined && { node }) })

const triggerProblems = (nodes: readonly WorkflowNode[], registry: NodeRegistry): readonly Problem[] =>
  nodes.some((node) => !node.options.disabled && isTrigger(node, registry)) ? [] : [problem('nothing starts it: add a trigger')]

const nameProblems = (nodes: readonly WorkflowNode[]): readonly Problem[] => {
  const seen = new Set<string>()
  return nodes.flatMap(({ name }) => {
    if (isPrototypeName(name)) return [problem(`a node cannot be called ${name}: rename it`, name)]
    if (seen.has(name)) return [problem('another node has the same name', name)]
    seen.add(name)
    return []
  })
}

const nodeProblems = (node: WorkflowNode, { registry, parseExpression }: ValidationRules): readonly Problem[] => {
  const type = registry.find(node.nodeType, node.typeVersion)
  if (type) return parameterProblems(node, type, parseExpression)
  const versions = registry.versionsOf(node.nodeType)
  const message =
    versions.length === 0
      ? `there is no node type ${node.nodeType}`
      : `version ${node.typeVersion} of ${node.nodeType} is not known; known are ${versions.join(', ')}`
  return [{ code: 'NODE_UNKNOWN', message, node: node.name }]
}

const unreachableProblems = (content: WorkflowContent, nodes: readonly WorkflowNode[], registry: NodeRegistry): readonly Problem[] => {
  const reached = reachableNodes(content, registry)
  const compensations = new Set(nodes.map(({ options }) => options.compensation))
  return nodes
    .filter((node) => !node.options.disabled && !reached.has(node.nodeId) && !compensations.has(node.name))
    .map((node) => problem('no trigger leads to it: connect, disable or remove it', node.name))
}

/** What undoes another node is run by itself: it is there, and neither starts a workflow nor waits. */
const compensationProblems = (nodes: readonly WorkflowNode[], registry: NodeRegistry): readonly Problem[] =>
  nodes.flatMap(({ name, options: { compensation, disabled } }) => {
    if (compensation === undefined || disabled) return []
    const node = nodes.find((other) => other.name === compensation)
    if (!node) return [problem(`no node is called "${compensation}", which should undo it`, name)]
    const cannot = compensation === name || node.options.disabled || isTrigger(node, registry)
    return cannot ? [problem(`"${compensation}" cannot undo it: it is disabled, a trigger, or the node itself`, name)] : []
  })

const connectionProblems = (edge: ConnectionData, content: WorkflowContent, { parseExpression }: ValidationRules): readonly Problem[] => {
  const source = content.nodes.find((node) => node.nodeId === edge.sourceNodeId)
  const target = content.nodes.find((node) => node.nodeId === edge.targetNodeId)
  const dangling =
    source && target ? [] : [problem(`connection ${edge.connectionId} has no ${source ? 'target' : 'source'}: remove it`, source?.name)]
  const expressions = { conditions: edge.conditions ?? null, transform: edge.transform ?? null }
  return [...dangling, ...expressionProblems(expressions, source?.name ?? edge.sourceNodeId, parseExpression)]
}

/** Two webhooks of one workflow cannot share method and path; those of other workflows are found when it is activated. */
const webhookProblems = (nodes: readonly WorkflowNode[], registry: NodeRegistry): readonly Problem[] => {
  const holders = new Map<string, string>()
  const listening = webhooksOf(nodes, registry).filter(({ description }) => description.path !== '')
  return listening.flatMap(({ node, description }) =>
    description.methods.flatMap((method) => {
      const route = `${method} ${description.path}`
      const holder = holders.get(route)
      holders.set(route, holder ?? node.name)
      return holder === undefined ? [] : [problem(`"${holder}" listens to ${route} already`, node.name)]
    }),
  )
}
