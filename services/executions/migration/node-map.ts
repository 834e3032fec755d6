import { WeConnectError } from '@weconnect/contracts/errors'
import type { NodeMapping } from '@weconnect/contracts/events/types'
import type { WorkflowContent, WorkflowNode } from '@weconnect/workflows/model'

type Content = Pick<WorkflowContent, 'nodes'>

/** Which node of another version stands for a node: by its id. */
export type NodeMap = ReadonlyMap<string, WorkflowNode>

const named = ({ nodes }: Content, idOrName: string): WorkflowNode | undefined =>
  nodes.find(({ nodeId }) => nodeId === idOrName) ?? nodes.find(({ name }) => name === idOrName)

/**
 * What is given, then the same id, then the same name; a node stands for one node at most.
 * @throws WeConnectError INVALID_INPUT naming a node that `to` does not have, or that is given twice
 */
export const mapNodes = (from: Content, to: Content, given: readonly NodeMapping[]): NodeMap => {
  const map = new Map<string, WorkflowNode>()
  const taken = new Set<string>()
  const put = (source: WorkflowNode | undefined, target: WorkflowNode | undefined): void => {
    if (!source || !target || map.has(source.nodeId) || taken.has(target.nodeId)) return
    map.set(source.nodeId, target)
    taken.add(target.nodeId)
  }
  for (const { from: source, to: target } of given) put(named(from, source), targetOf(to, target, given))
  for (const node of from.nodes)
    put(
      node,
      to.nodes.find(({ nodeId }) => nodeId === node.nodeId),
    )
  for (const node of from.nodes)
    put(
      node,
      to.nodes.find(({ name }) => name === node.name),
    )
  return map
}

const targetOf = (to: Content, idOrName: string, given: readonly NodeMapping[]): WorkflowNode => {
  const node = named(to, idOrName)
  if (!node) throw new WeConnectError('INVALID_INPUT', `The version to move to has no node "${idOrName}"`)
  if (given.filter(({ to: other }) => named(to, other) === node).length > 1)
    throw new WeConnectError('INVALID_INPUT', `Two nodes are mapped to "${node.name}"`)
  return node
}

/** @throws WeConnectError INVALID_INPUT naming a node that none of the versions has */
export const refuseUnknown = (versions: readonly Content[], given: readonly NodeMapping[]): void => {
  const unknown = given.find(({ from }) => versions.length > 0 && !versions.some((content) => named(content, from)))
  if (unknown) throw new WeConnectError('INVALID_INPUT', `No version to move from has a node "${unknown.from}"`)
}
