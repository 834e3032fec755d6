import type { Context } from '@weconnect/contracts/envelope'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { Item } from '@weconnect/contracts/items'
import type { Engine } from '@weconnect/executions/engine'
import type { Workflows } from '@weconnect/workflows/face'
import type { Spec } from './state.ts'

export interface BeginParts {
  readonly workflows: Pick<Workflows, 'load' | 'contentAt'>
  readonly engine: Pick<Engine, 'execute'>
}

export const contextOf = ({ triggerId, organisationId }: Spec, id = triggerId): Context => ({
  actor: `trigger:${triggerId}`,
  organisationId,
  correlationId: id,
  causationId: id,
})

/** Another version is live, or none: an activation is under way, or was cut off. What was found waits. */
export const notLive = (): WeConnectError =>
  new WeConnectError('UNAVAILABLE', 'The version of this trigger is not the active one of its workflow')

export interface Beginning {
  readonly executionId: string
  readonly version: number
  readonly items: readonly Item[]
  /** What tells it from others, for people. */
  readonly deliveryId: string
}

/** Asks for an execution: on disk when it resolves, once however often this is called. @throws WeConnectError */
export const begin = async (
  { workflows, engine }: BeginParts,
  spec: Spec,
  { executionId, version, items, deliveryId }: Beginning,
): Promise<void> => {
  const { workflow } = await workflows.load(spec.workflowId, spec.organisationId)
  const revision = workflow.versions.get(version)?.revision
  if (revision === undefined) throw notLive()
  const { accepted } = engine.execute({
    ...{ executionId, workflowId: spec.workflowId, workflowVersion: version, workflowRevision: revision },
    trigger: spec.kind === 'poll' ? 'schedule' : 'api',
    triggerNode: spec.nodeId,
    input: [items],
    deliveryId: deliveryId.slice(0, 200),
    answer: 'immediately',
    context: contextOf(spec, executionId),
  })
  await accepted.catch((error: unknown) => {
    if (!isWeConnectError(error, 'REVISION_CONFLICT')) throw error
  })
}

/** @throws WeConnectError UNAVAILABLE when the version of the trigger is not the live one */
export const checkLive = async ({ workflows }: BeginParts, { workflowId, organisationId, version }: Spec): Promise<void> => {
  const { workflow } = await workflows.load(workflowId, organisationId)
  if (workflow.activeVersion !== version) throw notLive()
}
