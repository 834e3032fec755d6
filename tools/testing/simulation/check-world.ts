import type { Blobs } from '@weconnect/blobs/port'
import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { EventStore, StoredEvent } from '@weconnect/eventstore/port'
import { verifyLog } from '@weconnect/eventstore/verify'
import type { ExecutionView } from '@weconnect/executions/view/face'
import type { Keyring } from '@weconnect/secrets/port'
import type { Workflows } from '@weconnect/workflows/face'
import type { WorkflowContent } from '@weconnect/workflows/model'
import type { Chance } from './chance.ts'
import { askedProblems, forkOf, forkProblems, keyProblems, type Requests, requestsOf } from './check-forks.ts'
import { limitProblems } from './check-limits.ts'
import { lateEffects, timeProblems } from './check-time-limits.ts'
import { undoingProblems, unknownEffects } from './check-undoing.ts'
import { waitProblems } from './check-waits.ts'
import { endings } from './endings.ts'
import { startProcess } from './process.ts'
import type { Effect, Provider } from './provider.ts'
import type { Repeaters } from './repeaters.ts'
import type { Said } from './speaker.ts'
import { worldClock } from './world-clock.ts'

export interface World {
  readonly store: EventStore
  readonly keyring: Keyring
  readonly blobs: Blobs
  readonly chance: Chance
  /** Ids of executions. */
  readonly accepted: ReadonlySet<string>
  readonly turnedAway: ReadonlySet<string>
  readonly provider: Provider
  readonly heard: readonly Said[]
  readonly repeaters: Repeaters
  /** Whether something is still to be done. */
  readonly isOpen: boolean
  /** Nobody put the wall clocks off. */
  readonly isClockTrue: boolean
  /** Callers that got no answer. */
  readonly unanswered: number
}

const organisationId = '5c0b2f5e-0000-4000-8000-000000000001'

/** Holds what is in the log and in the provider's books against the promises. */
export const checkWorld = async (world: World) => {
  const { store, keyring, blobs, chance, accepted, provider, heard } = world
  const problems: string[] = []
  const streams = await executionStreams(store)
  const requests = requestsOf(streams)
  const limits = await limitProblems(world)
  problems.push(...limits.problems)
  const request = () => Promise.reject(new Error('a check calls nobody'))
  const time = worldClock(chance).process()
  const { executions, workflows } = await startProcess({ store, keyring, blobs, time, chance, request })
  if (world.unanswered > 0) problems.push(`${world.unanswered} callers were never answered`)
  if (world.isOpen) problems.push(`still open: ${JSON.stringify(await store.openWork())}`)
  for (const executionId of accepted)
    if (!streams.has(executionId) && !limits.skipped.has(executionId)) problems.push(`${executionId} was accepted and is not in the log`)
  for (const executionId of world.turnedAway)
    if (streams.has(executionId)) problems.push(`of ${executionId} it was said that it is not begun, and it is in the log`)
  problems.push(...repeatedEffects(provider.effects, requests), ...keyProblems(provider.asks))
  problems.push(...(await askedProblems(requests, world.repeaters, store, (id) => executions.bulkView(id, organisationId))))
  const { ok, problems: damages } = await verifyLog({ store })
  if (!ok) problems.push(`the log: ${JSON.stringify(damages)}`)
  const ended: Record<string, number> = {}
  let incidents = 0
  let forks = 0
  for (const [executionId, events] of streams) {
    problems.push(...streamProblems(executionId, events))
    const view = await executions.view(executionId, organisationId)
    ended[view.status] = (ended[view.status] ?? 0) + 1
    incidents += view.incidents.length
    const own = provider.effects.filter(({ execution }) => execution === executionId)
    problems.push(...(await effectProblems(view, provider.effects)))
    if (!endings.has(events.at(-1)?.type ?? '')) continue
    const said = heard.filter((one) => one.executionId === executionId)
    const decrypted = await executions.events(executionId, organisationId)
    problems.push(...timeProblems(executionId, decrypted, await contentOf(decrypted, workflows), world.isClockTrue))
    problems.push(...undoingProblems(executionId, decrypted), ...(await waitProblems(view, decrypted, said)))
    problems.push(...unknownEffects(view, own))
    if (world.isClockTrue) problems.push(...lateEffects(decrypted, own))
    if (view.forkedFrom) {
      forks += 1
      const source = await executions.events(view.forkedFrom.executionId, organisationId)
      problems.push(...forkProblems(executionId, decrypted, source, own))
    }
    const { equal, differences } = await executions.replay(executionId, organisationId)
    if (!equal) problems.push(`${executionId} replays differently: ${JSON.stringify(differences.slice(0, 2))}`)
  }
  return { executions: streams.size, incidents, forks, grants: limits.grants, ended, problems }
}

const executionStreams = async (store: EventStore): Promise<Map<string, StoredEvent[]>> => {
  const events = await store.readAll({ limit: 1_000_000 })
  return Map.groupBy(
    events.filter(({ stream }) => stream.startsWith('execution-')),
    ({ stream }) => stream.slice('execution-'.length),
  )
}

/** Each is done once, and once more for each fork that does it. */
const repeatedEffects = (effects: readonly Effect[], requests: Requests): string[] =>
  [...Map.groupBy(effects, ({ path, call, execution }) => `${path} ${call} ${forkOf(execution, requests)}`)].flatMap(([call, times]) =>
    times.length > 1 ? [`${call} was done ${times.length} times: keys ${times.map(({ key }) => key).join(', ')}`] : [],
  )

const streamProblems = (executionId: string, events: readonly StoredEvent[]): string[] => {
  const problems: string[] = []
  const completed = new Set<number>()
  for (const [index, { type, data }] of events.entries()) {
    const { step } = JSON.parse(data.toString()) as { step?: number }
    if (type.startsWith('Step') && step !== undefined && completed.has(step))
      problems.push(`${executionId}: ${type} of step ${step}, which was completed`)
    if (type === 'StepCompleted' && step !== undefined) completed.add(step)
    if (endings.has(type) && index < events.length - 1) problems.push(`${executionId}: ${events[index + 1]?.type} after ${type}`)
  }
  return problems
}

const contentOf = ([request]: readonly Envelope<ExecutionEvent>[], workflows: Workflows): Promise<WorkflowContent> =>
  request?.type === 'ExecutionRequested'
    ? workflows.contentAt(request.data.workflowId, request.data.workflowRevision)
    : Promise.reject(new Error('an execution begins with its request'))

/** A call that is recorded as answered was done, for this execution; for a fork, before its point, for another. */
const effectProblems = async (view: ExecutionView, effects: readonly Effect[]): Promise<string[]> => {
  const problems: string[] = []
  for (const { nodeType, nodeName, status, step, output, error } of view.steps) {
    // After an error the items go on as they came, with what earlier nodes gave them.
    if (nodeType !== 'n8n-nodes-base.httpRequest' || status !== 'completed' || error !== undefined) continue
    for (const item of (await output()).flat()) {
      const number = item?.json['effect']
      const effect = typeof number === 'number' ? effects[number - 1] : undefined
      const isOwn = effect?.execution === view.executionId || step < (view.forkedFrom?.step ?? 0)
      if (number !== undefined && !(isOwn && effect?.call.includes(`/${nodeName}/`)))
        problems.push(`${view.executionId}: step ${step} says that it was effect ${number}, which the provider does not know`)
    }
  }
  return problems
}
