import { WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionRequested } from '@weconnect/contracts/events/execution'
import type { WorkflowNode } from '@weconnect/workflows/model'
import type { EngineParts } from '../parts.ts'
import { edgesInto, type Graph } from './graph.ts'

/** Trigger that each way of starting prefers, by the last part of its type. */
const preferred: Partial<Record<ExecutionRequested['data']['trigger'], string>> = {
  manual: 'manualTrigger',
  execution: 'executeWorkflowTrigger',
  error: 'errorTrigger',
}

const isTrigger = (node: WorkflowNode, parts: Pick<EngineParts, 'prepare'>): boolean => {
  try {
    return parts.prepare(node).type.definition.isTrigger === true
  } catch {
    return /trigger$/i.test(node.nodeType)
  }
}

/**
 * Where an execution starts: the named node (by name or id), else the trigger that fits, else any trigger, else the first node that nothing leads to.
 * @throws WeConnectError INVALID_INPUT
 */
export const startNodeOf = (
  graph: Graph,
  trigger: ExecutionRequested['data']['trigger'],
  named: string | undefined,
  parts: Pick<EngineParts, 'prepare'>,
): WorkflowNode => {
  if (named !== undefined) {
    const node = graph.byId.get(named) ?? graph.byName.get(named)
    if (!node) throw new WeConnectError('INVALID_INPUT', `The workflow has no node "${named}" to start at`)
    return node
  }
  const nodes = graph.content.nodes.filter((node) => !node.options.disabled && !node.nodeType.endsWith('.stickyNote'))
  const wanted = preferred[trigger]
  const node =
    nodes.find(({ nodeType }) => wanted !== undefined && nodeType.endsWith(`.${wanted}`)) ??
    nodes.find((candidate) => isTrigger(candidate, parts)) ??
    nodes.find(({ nodeId }) => edgesInto(graph, nodeId).flat().length === 0)
  if (!node) throw new WeConnectError('INVALID_INPUT', 'The workflow has no node to start at')
  return node
}
