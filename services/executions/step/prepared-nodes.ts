import { WeConnectError } from '@weconnect/contracts/errors'
import { prepareParameters } from '@weconnect/nodes/parameters/prepare'
import type { NodeType } from '@weconnect/nodes/sdk/node'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { WorkflowNode } from '@weconnect/workflows/model'
import type { PreparedNode } from '../parts.ts'

/** Nodes with their type and parameters ready, once for each node of a version. */
export const nodePreparer = (registry: NodeRegistry): ((node: WorkflowNode) => PreparedNode) => {
  const prepared = new WeakMap<WorkflowNode, PreparedNode>()
  return (node) => {
    const known = prepared.get(node)
    if (known) return known
    const type = registry.find(node.nodeType, node.typeVersion)
    if (!type) throw unknownType(registry, node)
    const made = prepareNode(node, type)
    prepared.set(node, made)
    return made
  }
}

const prepareNode = (node: WorkflowNode, type: NodeType): PreparedNode => {
  const { parameters, typeVersion, name } = node
  return {
    node,
    type,
    parameters: prepareParameters(type, parameters, typeVersion, name),
    onError: onErrorOf(node),
    errorOutput: type.outputCount?.(parameters, typeVersion) ?? type.definition.outputs.length,
    requiredInputs: type.requiredInputs?.(parameters, typeVersion) ?? 1,
    isExternal: type.definition.effects === 'external' || type.reachesOutside?.(parameters) === true,
    afterCrash: afterCrashOf(node, type),
  }
}

const afterCrashOf = ({ options: { afterCrash } }: WorkflowNode, { definition, probe }: NodeType): PreparedNode['afterCrash'] =>
  afterCrash === 'repeat' || afterCrash === 'incident' ? afterCrash : probe ? 'probe' : (definition.afterCrash ?? 'judged')

/** n8n's onError, or its older continueOnFail. */
const onErrorOf = ({ options: { onError, continueOnFail } }: WorkflowNode): PreparedNode['onError'] => {
  if (onError === 'continueRegularOutput' || onError === 'continueErrorOutput') return onError
  return continueOnFail ? 'continueRegularOutput' : 'stopWorkflow'
}

const unknownType = (registry: NodeRegistry, { name, nodeType, typeVersion }: WorkflowNode): WeConnectError => {
  const versions = registry.versionsOf(nodeType)
  const what =
    versions.length === 0
      ? `type ${nodeType} is not known`
      : `version ${typeVersion} of ${nodeType} is not known (known: ${versions.join(', ')})`
  return new WeConnectError('NODE_UNKNOWN', `The node "${name}" cannot run: ${what}`, {
    problems: [{ code: 'NODE_UNKNOWN', message: what, node: name }],
  })
}

/** Spec: milliseconds of one try when the node names no limit. */
const defaultTimeoutMs = 30_000
export const timeoutOf = ({ node, type }: PreparedNode): number =>
  node.options.timeoutMs ?? type.definition.defaultTimeoutMs ?? defaultTimeoutMs
