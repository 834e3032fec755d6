import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { GatheringEvent } from '@weconnect/contracts/events/gathering'
import type { SlotEvent, SlotGranted } from '@weconnect/contracts/events/slot'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import { openJournal } from '@weconnect/eventstore/open-journal'
import type { EventStore } from '@weconnect/eventstore/port'
import type { Flow } from '@weconnect/flow/demands'
import { recountSlots } from '../recount-slots.ts'
import { gatheringProblems } from './check-gatherings.ts'
import type { World } from './check-world.ts'
import { endings } from './endings.ts'

/** What is said of a slot, or of an execution, in the order of the log. */
export type Told = Envelope<ExecutionEvent | SlotEvent | GatheringEvent>

export interface LimitReport {
  readonly problems: readonly string[]
  /** Executions that a singleton had no place for. */
  readonly skipped: ReadonlySet<string>
  readonly grants: number
}

/** Holds what was granted, released and put aside against what was declared. */
export const limitProblems = async ({
  store,
  keyring,
  blobs,
  isOpen,
}: Pick<World, 'store' | 'keyring' | 'blobs' | 'isOpen'>): Promise<LimitReport> => {
  const skipped = new Set<string>()
  if (!(await declaresAny(store))) return { problems: [], skipped, grants: 0 }
  const journal = openJournal({ store, keyring, blobs, now: () => '', newId: () => '' })
  const { held, waiting, problems: counted } = await recountSlots(journal)
  const left = [...held, ...waiting].flatMap(([slot, who]) => who.map((executionId) => `${executionId} is left at ${slot}`))
  const events = (await journal.readAll({ limit: 1_000_000 })) as readonly Told[]
  for (const { type, data } of events) if (type === 'SlotSkipped') skipped.add(data.executionId)
  const problems = [
    ...counted,
    ...(isOpen ? [] : left),
    ...orderProblems(events),
    ...paceProblems(events),
    ...gatheringProblems(events, skipped),
  ]
  return { problems, skipped, grants: events.filter(({ type }) => type === 'SlotGranted').length }
}

const declaresAny = async (store: EventStore): Promise<boolean> =>
  (await store.readAll({ limit: 1_000_000 })).some(({ stream }) => ['slot', 'gathering'].includes(familyOf(stream)))

const begins: ReadonlySet<string> = new Set(['ExecutionStarted', 'StepStarted'])
const stops: ReadonlySet<string> = new Set(['PauseRequested', 'CancellationRequested'])
const rests: ReadonlySet<string> = new Set(['ExecutionPaused', 'IncidentRaised', ...stops, ...endings])

/** An execution as the log has it so far. */
interface Seen {
  readonly demands: ReadonlyMap<string, Flow['slots'][number]>
  hasBegun: boolean
  /** A fork is written down up to where it begins, and runs when it is claimed. */
  isTaken: boolean
  isUnderWay: boolean
  /** A person holds it, or has cancelled it: what is undone then waits for nobody. */
  isStopped: boolean
  hasEnded: boolean
}

/** Nothing is given back while its execution runs, nor taken from one that keeps it while it waits; no queue is longer than declared. */
const orderProblems = (events: readonly Told[]): string[] => {
  const problems: string[] = []
  const executions = new Map<string, Seen>()
  const queues = new Map<string, Set<string>>()
  /** Those who waited before a newcomer that is not known yet. */
  const before = new Map<string, number>()
  for (const { stream, type, data } of events) {
    const id = idOf(stream)
    const seen = executions.get(id)
    const [slot = ''] = id.split('-')
    const queue = queues.get(slot) ?? queues.set(slot, new Set()).get(slot)!
    if (type === 'SlotQueued' && !queue.has(data.claim.executionId)) {
      if (!executions.has(data.claim.executionId)) before.set(`${slot} ${data.claim.executionId}`, queue.size)
      queue.add(data.claim.executionId)
    }
    if (type === 'SlotGranted') queue.delete(data.claim.executionId)
    if (type === 'SlotReleased') {
      const { executionId, reason } = data
      const holder = executions.get(executionId)
      queue.delete(executionId)
      if (holder?.isUnderWay) problems.push(`${executionId} runs, and ${slot} was released (${reason})`)
      // An engine that was not told that its request is in the log gives back what it took for it; then it asks again.
      if (holder?.demands.get(slot)?.holdsWhileWaiting && !holder.hasEnded && (holder.hasBegun || reason !== 'withdrawn'))
        problems.push(`${executionId} keeps ${slot} until it has ended, and it was released (${reason})`)
    }
    if (type === 'ExecutionRequested') {
      const { slots = [] } = (data.flow ?? {}) as unknown as Partial<Flow>
      for (const { slot, queue: most = Number.POSITIVE_INFINITY } of slots)
        if ((before.get(`${slot} ${id}`) ?? -1) >= most)
          problems.push(`${id} waits for ${slot} behind ${before.get(`${slot} ${id}`)}, of ${most}`)
      executions.set(id, {
        demands: new Map(slots.map((demand) => [demand.slot, demand])),
        hasBegun: false,
        isTaken: data.forkedFromExecutionId === undefined,
        isUnderWay: false,
        isStopped: false,
        hasEnded: false,
      })
    }
    if (!seen) continue
    if (type === 'ExecutionClaimed') seen.isTaken = true
    if (type === 'ExecutionStarted') seen.hasBegun = true
    if (begins.has(type) && seen.isTaken) seen.isUnderWay = !seen.isStopped
    if (rests.has(type)) seen.isUnderWay = false
    if (stops.has(type)) seen.isStopped = true
    if (type === 'PauseEnded') seen.isStopped = false
    if (endings.has(type)) seen.hasEnded = true
  }
  return problems
}

/** In no stretch of the period begin more than the limit. What has left the period does not come back when the clock is put back. */
const paceProblems = (events: readonly Told[]): string[] => {
  const problems: string[] = []
  const starts = new Map<string, SlotGranted['data'][]>()
  for (const { stream, type, data } of events) {
    const granted = starts.get(stream) ?? []
    if (type === 'SlotReleased' && data.reason === 'withdrawn')
      starts.set(
        stream,
        granted.filter(({ claim }) => claim.executionId !== data.executionId),
      )
    if (type !== 'SlotGranted' || data.periodMs === 0) continue
    const [at, { limit, periodMs }] = [Date.parse(data.at), data]
    const within = granted.filter((one) => Date.parse(one.at) > at - periodMs)
    if (within.length >= limit) problems.push(`${stream}: ${within.length + 1} begin within ${periodMs} ms, of ${limit}`)
    starts.set(stream, [...within, data])
  }
  return problems
}
