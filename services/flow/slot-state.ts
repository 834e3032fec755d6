import type { SlotEvent } from '@weconnect/contracts/events/slot'
import { type InLine, noTurns, type Turns, turnGiven } from './fair-turns.ts'

/** An execution that has the slot. */
export interface Holder {
  readonly executionId: string
  readonly workflowId: string
  readonly organisationId: string
  /** Epoch with which it runs, or is about to. */
  readonly epoch: number
  /** Milliseconds since the epoch: when it was granted. */
  readonly since: number
  /** It is being cancelled for this execution. */
  readonly preemptedBy?: string
}

export interface Waiter extends InLine {
  readonly executionId: string
  readonly workflowId: string
  readonly epoch: number
  readonly since: number
  readonly preemptedBy?: string
}

/** A slot folded from its streams. All of it is JSON, so that a new segment can carry it. */
export interface Slot {
  readonly limit: number
  /** Milliseconds; 0: holders hold. Else nobody holds, and `limit` may start within it. */
  readonly periodMs: number
  /** Of the request that declared them: an older one does not set them back. */
  readonly declaredAt: number
  readonly holders: readonly Holder[]
  readonly waiters: readonly Waiter[]
  /** Starts within the period, oldest first. */
  readonly starts: readonly { readonly executionId: string; readonly at: number }[]
  readonly turns: Turns
  readonly tickets: number
  /** Milliseconds for which it is held, on the average of the last ones; to say when to come back. */
  readonly meanHoldMs: number
}

export const emptySlot: Slot = {
  limit: 0,
  periodMs: 0,
  declaredAt: 0,
  holders: [],
  waiters: [],
  starts: [],
  turns: noTurns,
  tickets: 0,
  meanHoldMs: 0,
}

/** What `evolve` needs of an event; the organisation comes from its envelope. */
export type RecordedSlot = SlotEvent & { readonly organisationId: string }

export const evolve = (slot: Slot, event: RecordedSlot): Slot => {
  switch (event.type) {
    case 'SlotQueued':
      return queued(declared(slot, event.data), event.data, event.organisationId)
    case 'SlotGranted':
      return granted(declared(slot, event.data), event.data, event.organisationId)
    case 'SlotReleased':
      return released(slot, event.data)
    case 'SlotPreempted': {
      const { executionId, by } = event.data
      const marked = <One extends { readonly executionId: string }>(one: One): One =>
        one.executionId === executionId ? { ...one, preemptedBy: by } : one
      return { ...slot, holders: slot.holders.map(marked), waiters: slot.waiters.map(marked) }
    }
    case 'SlotSegmentOpened':
      return event.data.slot as unknown as Slot
    case 'SlotSkipped':
    case 'SlotSegmentClosed':
      return slot
  }
}

type Terms = Extract<SlotEvent, { type: 'SlotQueued' }>['data']

const declared = (slot: Slot, { limit, periodMs, claim }: Terms): Slot => {
  const declaredAt = Date.parse(claim.requestedAt)
  return declaredAt < slot.declaredAt ? slot : { ...slot, limit, periodMs, declaredAt }
}

const others = <One extends { readonly executionId: string }>(all: readonly One[], executionId: string): readonly One[] =>
  all.some((one) => one.executionId === executionId) ? all.filter((one) => one.executionId !== executionId) : all

const queued = (slot: Slot, { claim, at }: Terms, organisationId: string): Slot => {
  const { executionId, workflowId, epoch, priority, weight, requestedAt } = claim
  const before = slot.waiters.find((waiter) => waiter.executionId === executionId)
  const waiter: Waiter = {
    executionId,
    workflowId,
    organisationId,
    epoch,
    priority,
    weight,
    requestedAt: Date.parse(requestedAt),
    since: before?.since ?? Date.parse(at),
    ticket: before?.ticket ?? slot.tickets,
    turnsBefore: before?.turnsBefore ?? slot.turns.given,
  }
  return { ...slot, waiters: [...others(slot.waiters, executionId), waiter], tickets: slot.tickets + 1 }
}

const granted = (slot: Slot, { claim, at }: Terms, organisationId: string): Slot => {
  const { executionId, workflowId, epoch } = claim
  const since = Date.parse(at)
  const waited = slot.waiters.find((waiter) => waiter.executionId === executionId)
  const next = {
    ...slot,
    waiters: others(slot.waiters, executionId),
    turns: waited ? turnGiven(slot.turns, waited) : slot.turns,
  }
  if (slot.periodMs > 0) return { ...next, starts: [...startsWithin(slot, since), { executionId, at: since }] }
  return { ...next, holders: [...others(slot.holders, executionId), { executionId, workflowId, organisationId, epoch, since }] }
}

const released = (slot: Slot, { executionId, epoch, reason, at }: Extract<SlotEvent, { type: 'SlotReleased' }>['data']): Slot => {
  const isOf = (one: Holder | Waiter): boolean => one.executionId === executionId && one.epoch <= epoch
  const holder = slot.holders.find(isOf)
  const heldMs = holder && Math.max(0, Date.parse(at) - holder.since)
  return {
    ...slot,
    holders: slot.holders.filter((one) => !isOf(one)),
    waiters: slot.waiters.filter((one) => !isOf(one)),
    starts: reason === 'withdrawn' ? others(slot.starts, executionId) : slot.starts,
    meanHoldMs: heldMs === undefined ? slot.meanHoldMs : slot.meanHoldMs === 0 ? heldMs : Math.round(slot.meanHoldMs * 0.9 + heldMs * 0.1),
  }
}

/** Starts that still count at a time. */
export const startsWithin = ({ starts, periodMs }: Slot, now: number): Slot['starts'] => {
  const first = starts.findIndex(({ at }) => at > now - periodMs)
  return first < 0 ? [] : first === 0 ? starts : starts.slice(first)
}

/** How many may be granted at a time. */
export const freeOf = (slot: Slot, now: number): number =>
  Math.max(0, slot.limit - (slot.periodMs > 0 ? startsWithin(slot, now).length : slot.holders.length))

/** When something is free by the passing of time: of a pace that is used up. */
export const freeAt = (slot: Slot, now: number): number | undefined => {
  if (slot.periodMs === 0) return undefined
  const counted = startsWithin(slot, now)
  const leaves = counted[counted.length - slot.limit]
  return leaves === undefined ? now : leaves.at + slot.periodMs
}

/** What has to be looked after. */
export const leftOf = ({ holders, waiters }: Slot): number => holders.length + waiters.length

/** Those who would not be found to be gone when their turn comes. */
export const withoutTurn = ({ holders, waiters }: Slot): readonly { readonly executionId: string; readonly since: number }[] => [
  ...holders,
  ...waiters.filter(({ preemptedBy }) => preemptedBy !== undefined),
]
