import type { Context } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import type { ScheduleFired } from '@weconnect/contracts/events/schedule'
import type { EventStore } from '@weconnect/eventstore/port'
import type { Executions } from '@weconnect/executions/face'
import type { Runs } from '@weconnect/executions/runs'
import type { NodeRegistry } from '@weconnect/nodes/sdk/registry'
import type { Workflows } from '@weconnect/workflows/face'
import type { Schedule, Spec } from './state.ts'

export interface BeginParts {
  readonly workflows: Pick<Workflows, 'load' | 'contentAt'>
  readonly registry: NodeRegistry
  readonly engine: Pick<Runs, 'execute'>
  readonly executions: Pick<Executions, 'cancel'>
  readonly store: Pick<EventStore, 'read'>
}

const systemContext = ({ scheduleId, organisationId }: Spec, executionId: string): Context => ({
  actor: `schedule:${scheduleId}`,
  organisationId,
  correlationId: executionId,
  causationId: executionId,
})

const unless =
  (...codes: Parameters<typeof isWeConnectError>[1][]) =>
  (error: unknown): void => {
    if (!codes.some((code) => isWeConnectError(error, code))) throw error
  }

/** Asks for the executions that the newest append of a schedule fired: each once, however often this is called. */
export const beginFired = async (parts: BeginParts, { spec, fires: newest }: Schedule): Promise<void> => {
  const { workflows, registry, engine, executions, store } = parts
  const fires = await notBegun(store, newest)
  if (!spec || fires.length === 0) return
  const { workflow } = await workflows.load(spec.workflowId, spec.organisationId)

  const begin = async (fire: ScheduleFired['data']): Promise<void> => {
    const { executionId, workflowVersion, tick, cancels } = fire
    const context = systemContext(spec, executionId)
    const revision = workflow.versions.get(workflowVersion)?.revision
    if (revision === undefined) return
    const { nodes } = await workflows.contentAt(spec.workflowId, revision)
    const node = nodes.find(({ nodeId }) => nodeId === spec.nodeId)
    if (!node) return
    if (cancels !== undefined)
      await executions.cancel(cancels, 'The next tick of its schedule is due', context).catch(unless('INVALID_STATE', 'NOT_FOUND'))
    const item = registry.find(node.nodeType, node.typeVersion)?.tickItem?.(tick, spec.timezone) ?? {}
    const { accepted } = engine.execute({
      executionId,
      workflowId: spec.workflowId,
      workflowVersion,
      workflowRevision: revision,
      trigger: 'schedule',
      triggerNode: spec.nodeId,
      input: [[{ json: item }]],
      deliveryId: tick,
      answer: 'immediately',
      context,
    })
    // What its workflow's rate or singleton turns away is not run later.
    await accepted.catch(unless('REVISION_CONFLICT', 'RATE_LIMITED', 'EXECUTION_SKIPPED'))
  }
  await Promise.all(fires.map(begin))
}

/** Most often another has begun them long ago; the append of the request decides all the same. */
const notBegun = async (store: BeginParts['store'], fires: Schedule['fires']): Promise<Schedule['fires']> => {
  const begun = await Promise.all(
    fires.map(async ({ executionId }) => {
      for await (const _ of store.read(`execution-${executionId}`, { limit: 1 })) return true
      return false
    }),
  )
  return fires.filter((_, index) => !begun[index])
}
