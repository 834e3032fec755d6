import type { Context } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { MigrationRequested } from '@weconnect/contracts/events/migration'
import { graphOf } from '../graph/graph.ts'
import { isoTime } from '../iso-time.ts'
import type { EngineParts } from '../parts.ts'
import { executionStream, type RecordedExecution, readExecution } from '../stream/recorded.ts'
import type { Problem } from './fit.ts'
import { decideHold, decideMove, decideRelease, whyNotNow } from './hold.ts'
import { mapNodes, type NodeMap } from './node-map.ts'
import { type Place, placeIn } from './place.ts'
import { type RecordedMigration, readMigration, tellMigration } from './recorded.ts'

/** Milliseconds that an execution is held, at most: whoever finds it then gives up a migration that is not decided. */
const longestHoldMs = 600_000
const mostTries = 20

export type Target = Pick<MigrationRequested['data'], 'workflowId' | 'fromVersion' | 'toVersion' | 'toRevision' | 'nodes'>

/** An execution before the version that it is to go on with. */
export interface Checked {
  readonly recorded: RecordedExecution
  readonly problems: readonly Problem[]
  /** Undefined when it is not even of this workflow. */
  readonly place: Place | undefined
}

export type Check = (executionId: string, migrationId?: string) => Promise<Checked>

/** Looks at executions of an organisation as they stand; a held one only when `migrationId` holds it. */
export const openCheck = (parts: EngineParts, target: Target, organisationId: string): Check => {
  const maps = new Map<number, NodeMap>()
  const stranger = ({ state, context }: RecordedExecution): Problem | undefined => {
    if (state.status === 'absent' || context.organisationId !== organisationId)
      return { code: 'NOT_FOUND', message: 'There is no such execution' }
    return state.requested?.workflowId === target.workflowId
      ? undefined
      : { code: 'OTHER_WORKFLOW', message: 'It is an execution of another workflow' }
  }
  return async (executionId, migrationId) => {
    const recorded = await readExecution(parts.journal, executionId)
    const { state } = recorded
    const other = stranger(recorded)
    if (other || !state.requested) return { recorded, problems: other ? [other] : [], place: undefined }
    const { workflowId, toRevision } = target
    const [from, to] = await Promise.all([
      parts.contentAt(workflowId, state.requested.workflowRevision),
      parts.contentAt(workflowId, toRevision),
    ])
    const map = maps.get(state.requested.workflowRevision) ?? mapNodes(from, to, target.nodes)
    maps.set(state.requested.workflowRevision, map)
    const version = { version: target.toVersion, revision: toRevision, graph: graphOf(to) }
    const { blockers, place } = placeIn(recorded, graphOf(from), version, map, parts)
    const now = migrationId !== undefined && state.migration?.id === migrationId ? undefined : whyNotNow(state)
    return { recorded, problems: [...(now ? [now] : []), ...versionProblems(recorded, target), ...blockers], place }
  }
}

const versionProblems = (
  { state: { requested } }: RecordedExecution,
  { fromVersion, toVersion, toRevision }: Target,
): readonly Problem[] => {
  if (requested?.workflowRevision === toRevision) return [{ code: 'ALREADY_THERE', message: `It is on version ${toVersion}` }]
  if (fromVersion === undefined || requested?.workflowVersion === fromVersion) return []
  return [{ code: 'OTHER_VERSION', message: `It is on version ${requested?.workflowVersion}, not ${fromVersion}` }]
}

/** Names of the nodes that an execution stands at. */
export const standsAt = ({ state }: RecordedExecution): readonly string[] =>
  state.steps
    .filter((step) => step !== undefined && step.status !== 'completed' && step.compensates === undefined)
    .map(({ nodeName }) => nodeName)

/** Holds an execution that can move. @returns why it cannot; empty: it is held */
export const hold = async (
  parts: EngineParts,
  check: Check,
  executionId: string,
  { id, context }: RecordedMigration,
): Promise<readonly Problem[]> => {
  let problems: readonly Problem[] = []
  await appended(parts, async () => {
    const { recorded, ...found } = await check(executionId, id)
    problems = found.problems
    const until = isoTime(parts.clock.now() + longestHoldMs)
    return { executionId, recorded, context, id, events: problems.length > 0 ? [] : decideHold(recorded.state, id, until) }
  })
  return problems
}

/** Lets go of a held execution as the migration was decided: on the other version, or as it was. */
export const settle = async (parts: EngineParts, executionId: string, { id, migration, context }: RecordedMigration): Promise<void> => {
  const { status, requested } = migration
  const moves = status === 'moving' || status === 'completed'
  const check = requested && moves ? openCheck(parts, requested, context.organisationId) : undefined
  await appended(parts, async () => {
    if (!check) {
      const recorded = await readExecution(parts.journal, executionId)
      return { executionId, recorded, context, id, events: decideRelease(recorded.state, id) }
    }
    const { recorded, place } = await check(executionId, id)
    return { executionId, recorded, context, id, events: place ? decideMove(recorded.state, id, place) : [] }
  })
}

interface Said {
  readonly executionId: string
  readonly recorded: RecordedExecution
  readonly events: readonly ExecutionEvent[]
  /** Of who asked for the migration. */
  readonly context: Context
  readonly id: string
}

/** Decides again when somebody else appended in between. */
const appended = async ({ journal }: EngineParts, decided: () => Promise<Said>): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    const { executionId, recorded, events, context, id } = await decided()
    if (events.length === 0) return
    const { correlationId } = recorded.context
    try {
      await journal.append(executionStream(executionId), recorded.head, events, { ...context, correlationId, causationId: id })
      return
    } catch (error) {
      if (!isWeConnectError(error, 'REVISION_CONFLICT') || attempt >= mostTries) throw error
    }
  }
}

/** Settles an execution that is held for too long. A migration that is not decided by then is given up: anybody may, since its stream decides. */
export const settleHeld = async (parts: EngineParts, executionId: string): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    const { state } = await readExecution(parts.journal, executionId)
    if (!state.migration) return
    const recorded = await readMigration(parts.journal, state.migration.id)
    if (recorded.migration.status !== 'preparing') return settle(parts, executionId, recorded)
    const blockers = [{ executionId, code: 'HELD_TOO_LONG', message: `It was held since before ${state.migration.until}` }]
    try {
      await tellMigration(
        parts.journal,
        recorded,
        { type: 'AbandonMigration', blockers },
        { ...recorded.context, actor: `engine:${parts.worker}` },
      )
    } catch (error) {
      if (!isWeConnectError(error, 'REVISION_CONFLICT') || attempt >= mostTries) throw error
    }
  }
}
