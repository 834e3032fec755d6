import type { ExecutionMigrated } from '@weconnect/contracts/events/execution'
import type { NodeImage } from '@weconnect/contracts/events/types'
import type { Execution } from './state.ts'

interface OfNode {
  readonly nodeId: string
  readonly nodeName: string
}

const underNewName = <Part extends OfNode>(part: Part, image: NodeImage | undefined): Part =>
  image === undefined ? part : { ...part, nodeId: image.toNodeId, nodeName: image.toName }

/** The same of the node that stands for its own in another version. */
export const renamed = <Part extends OfNode>(part: Part, images: readonly NodeImage[]): Part =>
  underNewName(
    part,
    images.find(({ nodeId }) => nodeId === part.nodeId),
  )

/** An execution on another version: what it did is known there under the names of the nodes that stand for those that did it. */
export const migrated = (state: Execution, data: ExecutionMigrated['data']): Execution => {
  const { nodes, workflowVersion, workflowRevision, triggerNodeId, plan, resumeUrl } = data
  const images = new Map(nodes.map((image) => [image.nodeId, image]))
  for (const [index, step] of state.steps.entries()) if (step) state.steps[index] = underNewName(step, images.get(step.nodeId))
  const { requested, started } = state
  return {
    ...state,
    migration: undefined,
    ...(requested && { requested: { ...requested, workflowVersion, workflowRevision, triggerNodeId } }),
    ...(started && { started: { ...started, plan, ...(resumeUrl !== undefined && { resumeUrl }) } }),
  }
}
