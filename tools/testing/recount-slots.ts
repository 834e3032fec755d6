import type { Envelope, Position } from '@weconnect/contracts/envelope'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import type { Journal } from '@weconnect/eventstore/journal'

/** What the log says of slots, counted anew from its beginning, with no code of the product but the order of its events. */
export interface SlotCount {
  /** Executions that hold each slot. */
  readonly held: ReadonlyMap<string, readonly string[]>
  /** Executions that wait for each slot. */
  readonly waiting: ReadonlyMap<string, readonly string[]>
  /** Most holders at any time. */
  readonly most: ReadonlyMap<string, number>
  /** Everything that must not be: too many holders, a run without a grant, a holder that does not run. */
  readonly problems: readonly string[]
}

interface Run {
  /** Slots it must hold while it runs, of those that are held. */
  readonly slots: readonly { readonly slot: string; readonly holdsWhileWaiting: boolean }[]
  readonly isFork: boolean
  /** What it undoes then waits for nobody. */
  isCancelled: boolean
  status: 'pending' | 'running' | 'waiting' | 'ended'
}

const endings = ['ExecutionCompleted', 'ExecutionFailed', 'ExecutionCancelled', 'ExecutionTimedOut']

/** Counts the slots of a whole log. */
export const recountSlots = async (journal: Pick<Journal, 'readAll'>): Promise<SlotCount> => {
  const holders = new Map<string, Map<string, number>>()
  const waiters = new Map<string, Set<string>>()
  const most = new Map<string, number>()
  const runs = new Map<string, Run>()
  const problems: string[] = []

  const onSlot = (slot: string, event: Envelope): void => {
    const held = holders.get(slot) ?? new Map<string, number>()
    const queue = waiters.get(slot) ?? new Set<string>()
    holders.set(slot, held)
    waiters.set(slot, queue)
    if (event.type === 'SlotQueued') queue.add(event.data.claim.executionId)
    if (event.type === 'SlotReleased') {
      const { executionId, epoch } = event.data
      if ((held.get(executionId) ?? Number.POSITIVE_INFINITY) <= epoch) held.delete(executionId)
      queue.delete(executionId)
    }
    if (event.type !== 'SlotGranted') return
    const { claim, limit, periodMs, takesOver } = event.data
    queue.delete(claim.executionId)
    if (periodMs > 0) return
    if (takesOver === undefined && held.has(claim.executionId)) problems.push(`${claim.executionId} was granted ${slot} twice`)
    held.set(claim.executionId, claim.epoch)
    most.set(slot, Math.max(most.get(slot) ?? 0, held.size))
    if (takesOver === undefined && held.size > limit) problems.push(`${slot} has ${held.size} holders, of ${limit}`)
  }

  const begins = (executionId: string, epoch: number): void => {
    const { slots = [], isCancelled } = runs.get(executionId) ?? {}
    if (isCancelled) return
    for (const { slot } of slots) {
      const granted = holders.get(slot)?.get(executionId)
      if (granted !== epoch) problems.push(`${executionId} runs with epoch ${epoch}, and ${slot} was granted for ${granted}`)
    }
  }

  const onExecution = (executionId: string, event: Envelope<ExecutionEvent>): void => {
    if (event.type === 'ExecutionRequested') {
      const { slots = [] } = (event.data.flow ?? {}) as unknown as {
        slots?: { slot: string; periodMs: number; holdsWhileWaiting?: boolean }[]
      }
      const kept = slots.filter(({ periodMs }) => periodMs === 0)
      runs.set(executionId, {
        slots: kept.map(({ slot, holdsWhileWaiting = false }) => ({ slot, holdsWhileWaiting })),
        isFork: event.data.forkedFromExecutionId !== undefined,
        isCancelled: false,
        status: 'pending',
      })
    }
    const run = runs.get(executionId)
    if (!run) return
    if (event.type === 'ExecutionStarted') {
      // A fork is written down up to where it begins; it runs when it is claimed.
      if (!run.isFork) begins(executionId, event.data.epoch)
      run.status = run.isFork ? 'pending' : 'running'
    }
    if (event.type === 'ExecutionClaimed') {
      begins(executionId, event.data.epoch)
      run.status = 'running'
    }
    if (event.type === 'CancellationRequested') run.isCancelled = true
    if (event.type === 'ExecutionResumed') run.status = 'running'
    if (event.type === 'ExecutionPaused' || event.type === 'IncidentRaised') run.status = 'waiting'
    if (endings.includes(event.type)) run.status = 'ended'
  }

  for (let after: Position | undefined; ; ) {
    const events = await journal.readAll({ after, limit: 1000 })
    if (events.length === 0) break
    after = events.at(-1)?.position
    for (const event of events) {
      const family = familyOf(event.stream)
      if (family === 'slot') onSlot(idOf(event.stream).split('-')[0] ?? '', event)
      if (family === 'execution') onExecution(idOf(event.stream), event as Envelope<ExecutionEvent>)
    }
  }

  for (const [slot, held] of holders) {
    for (const executionId of held.keys()) {
      const run = runs.get(executionId)
      const keeps = run?.slots.find((one) => one.slot === slot)?.holdsWhileWaiting ?? false
      const mayHold = run && (run.status === 'running' || run.status === 'pending' || (run.status === 'waiting' && keeps))
      if (!mayHold) problems.push(`${executionId} is ${run?.status ?? 'absent'} and holds ${slot}`)
    }
  }
  const lists = (all: ReadonlyMap<string, { keys(): Iterable<string> }>): Map<string, string[]> =>
    new Map([...all].map(([slot, one]) => [slot, [...one.keys()]]))
  return { held: lists(holders), waiting: lists(waiters), most, problems }
}
