import { WeConnectError } from '@weconnect/contracts/errors'
import type { SlotEvent } from '@weconnect/contracts/events/slot'
import type { SlotClaim } from '@weconnect/contracts/events/types'
import { nextInLine } from './fair-turns.ts'
import { evolve, freeAt, freeOf, leftOf, type Slot, type Waiter } from './slot-state.ts'

/** What is declared of the slot that is asked for. */
export interface Terms {
  readonly limit: number
  /** 0 = held until it is released. */
  readonly periodMs: number
  /** Executions that may wait; absent = any number, 0 = none. */
  readonly queue?: number | undefined
  /** Of a singleton: what happens while another has it; absent = this one waits. */
  readonly whenTaken?: 'skip' | 'cancel' | undefined
}

export type SlotCommand =
  /** Asks for a slot for an execution; whoever has it, or waits, already is not asked twice. */
  | {
      readonly type: 'AcquireSlot'
      readonly claim: SlotClaim
      readonly terms: Terms
      readonly organisationId: string
      readonly now: number
    }
  /** Gives it back, and leaves the queue, for everything up to an epoch; done already = nothing to do. */
  | {
      readonly type: 'ReleaseSlot'
      readonly executionId: string
      readonly epoch: number
      readonly reason: 'ended' | 'waiting' | 'withdrawn'
      readonly organisationId: string
      readonly now: number
    }
  /** Grants what is free to those whose turn it is, as long as they are of this organisation: one append has one. */
  | { readonly type: 'AdvanceSlot'; readonly organisationId: string; readonly now: number }

/**
 * Who holds a slot, and who waits for it. Pure; the clock comes with the command.
 * @throws WeConnectError RATE_LIMITED (a pace is used up and nobody may wait), QUEUE_FULL, both with the seconds to wait
 */
export const decide = (command: SlotCommand, slot: Slot): SlotEvent[] => {
  switch (command.type) {
    case 'AcquireSlot':
      return acquire({ ...command, terms: inForce(command, slot) }, slot)
    case 'ReleaseSlot':
      return release(command, slot)
    case 'AdvanceSlot':
      return grants(slot, command)
  }
}

const iso = (ms: number): string => new Date(ms).toISOString()

type Acquire = Extract<SlotCommand, { type: 'AcquireSlot' }>

/** An older request does not set back how much there is. */
const inForce = ({ claim, terms }: Acquire, { declaredAt, limit, periodMs }: Slot): Terms =>
  Date.parse(claim.requestedAt) < declaredAt ? { ...terms, limit, periodMs } : terms

const acquire = (command: Acquire, slot: Slot): SlotEvent[] => {
  const { claim, now } = command
  const { executionId, epoch } = claim
  const held = slot.holders.find((holder) => holder.executionId === executionId)
  if (held) return held.epoch >= epoch ? [] : [taken(command, slot, held.epoch)]
  if (slot.starts.some((start) => start.executionId === executionId)) return []
  const waiting = slot.waiters.find((waiter) => waiter.executionId === executionId)
  if (waiting && waiting.epoch >= epoch) return grants(slot, command)
  const asked = evolved(slot, [queuedBy(command, slot)], command.organisationId)
  if (!waiting && slot.waiters.length === 0 && freeOf(asked, now) > 0) return [taken(command, slot)]
  if (!waiting && freeOf(asked, now) <= slot.waiters.length) {
    const instead = whenTaken(command, asked, slot)
    if (instead) return instead
  }
  return [queuedBy(command, slot), ...grants(asked, command)]
}

/** What else than waiting is done. `asked`: the slot as if it waited. */
const whenTaken = (command: Acquire, asked: Slot, slot: Slot): SlotEvent[] | undefined => {
  const { terms, claim, now } = command
  const [holder] = slot.holders
  if (terms.whenTaken === 'skip' && holder)
    return [{ type: 'SlotSkipped', data: { executionId: claim.executionId, heldBy: holder.executionId } }]
  if (terms.whenTaken === 'cancel') {
    const before = [...slot.holders, ...slot.waiters].filter(({ preemptedBy }) => preemptedBy === undefined)
    return [
      ...before.map(({ executionId }): SlotEvent => ({ type: 'SlotPreempted', data: { executionId, by: claim.executionId } })),
      queuedBy(command, slot),
    ]
  }
  if (terms.queue === undefined || slot.waiters.length < terms.queue) return undefined
  const retryAfterSeconds = secondsUntilFree(asked, now)
  if (terms.periodMs > 0 && terms.queue === 0)
    throw new WeConnectError(
      'RATE_LIMITED',
      `The workflow begins at most ${terms.limit} executions in ${terms.periodMs} ms; try again in ${retryAfterSeconds} s`,
      { retryAfterSeconds },
    )
  throw new WeConnectError(
    'QUEUE_FULL',
    `${slot.waiters.length} executions wait already, and no more may; try again in ${retryAfterSeconds} s`,
    { retryAfterSeconds },
  )
}

/** Of a slot that is held it is only a guess: as long as one was held lately, for as many as there are. */
const secondsUntilFree = (slot: Slot, now: number): number => {
  const at = freeAt(slot, now)
  const ms = at === undefined ? slot.meanHoldMs / Math.max(1, slot.limit) : at - now
  return Math.max(1, Math.ceil(ms / 1000))
}

const queuedBy = ({ claim, terms: { limit, periodMs }, now }: Acquire, slot: Slot): SlotEvent => {
  const isNew = !slot.waiters.some(({ executionId }) => executionId === claim.executionId)
  return { type: 'SlotQueued', data: { claim, limit, periodMs, at: iso(now), left: leftOf(slot) + (isNew ? 1 : 0) } }
}

/** A grant to who asks, without a wait. */
const taken = ({ claim, terms: { limit, periodMs }, now }: Acquire, slot: Slot, takesOver?: number): SlotEvent => {
  const added = periodMs > 0 || takesOver !== undefined ? 0 : 1
  const data = { claim, limit, periodMs, at: iso(now), left: leftOf(slot) + added }
  return { type: 'SlotGranted', data: takesOver === undefined ? data : { ...data, takesOver } }
}

const claimOf = ({ executionId, workflowId, epoch, priority, weight, requestedAt }: Waiter): SlotClaim => ({
  executionId,
  workflowId,
  epoch,
  priority,
  weight,
  requestedAt: iso(requestedAt),
})

/** Grants to those whose turn it is, until nothing is free, or the next one is of another organisation. */
const grants = (slot: Slot, { organisationId, now }: { readonly organisationId: string; readonly now: number }): SlotEvent[] => {
  const events: SlotEvent[] = []
  for (let state = slot; freeOf(state, now) > 0; ) {
    const next = nextInLine(inLine(state), state.turns)
    if (!next || next.organisationId !== organisationId) break
    const { limit, periodMs } = state
    const left = leftOf(state) - (periodMs > 0 ? 1 : 0)
    const event: SlotEvent = { type: 'SlotGranted', data: { claim: claimOf(next), limit, periodMs, at: iso(now), left } }
    events.push(event)
    state = evolved(state, [event], organisationId)
  }
  return events
}

/** Who is being cancelled gets no turn any more. */
const inLine = ({ waiters }: Slot): readonly Waiter[] =>
  waiters.some(({ preemptedBy }) => preemptedBy !== undefined) ? waiters.filter(({ preemptedBy }) => preemptedBy === undefined) : waiters

const release = (command: Extract<SlotCommand, { type: 'ReleaseSlot' }>, slot: Slot): SlotEvent[] => {
  const { executionId, epoch, reason, organisationId, now } = command
  const isOf = (one: { readonly executionId: string; readonly epoch: number }): boolean =>
    one.executionId === executionId && one.epoch <= epoch
  const leaving = slot.holders.filter(isOf).length + slot.waiters.filter(isOf).length
  const undoes = reason === 'withdrawn' && slot.starts.some((start) => start.executionId === executionId)
  if (leaving === 0 && !undoes) return []
  const event: SlotEvent = { type: 'SlotReleased', data: { executionId, epoch, reason, at: iso(now), left: leftOf(slot) - leaving } }
  return [event, ...grants(evolved(slot, [event], organisationId), command)]
}

const evolved = (slot: Slot, events: readonly SlotEvent[], organisationId: string): Slot =>
  events.reduce((state, event) => evolve(state, { ...event, organisationId }), slot)

/** The organisation whose turn it is, when something is free for it. */
export const dueTurn = (slot: Slot, now: number): string | undefined =>
  freeOf(slot, now) > 0 ? nextInLine(inLine(slot), slot.turns)?.organisationId : undefined
