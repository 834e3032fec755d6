import { WeConnectError } from '@weconnect/contracts/errors'
import type { SlotEvent } from '@weconnect/contracts/events/slot'
import type { WorkRow } from '@weconnect/eventstore/port'
import type { Demand, Flow } from './demands.ts'
import { newestSegments } from './open-work.ts'
import { openPreemptions, type Preemptions } from './preemptions.ts'
import { openSlotBook, type SlotBook } from './slot-book.ts'
import { dueTurn, type SlotCommand } from './slot-decide.ts'
import type { Alarms, Claimant, SlotParts, SlotWait } from './slot-parts.ts'
import { freeAt, type Slot, withoutTurn } from './slot-state.ts'

/** More than any epoch: everything that an execution holds. */
const anyEpoch = 2 ** 31 - 1
/** Milliseconds after which what is held is compared with what runs. */
const sweepMs = 30_000
/** Milliseconds that another engine has from a grant to what it was asked for. */
const freshMs = 10_000
/** Milliseconds until what could not be written (a full disk) is tried again. */
const retryMs = 1_000
const sweepKey = 'sweep'

/**
 * Gives slots to executions. What it holds in memory is a copy of the slots' streams, and what they say of an execution is compared with what its own
 * stream says: an execution that has ended, or waits, holds nothing, whoever ended it and wherever a crash came in between.
 */
export class Slots {
  readonly #parts: SlotParts
  readonly #book: SlotBook
  readonly #alarms: Alarms
  readonly #preemptions: Preemptions
  /** Slots of each execution that holds one or waits for it. */
  readonly #of = new Map<string, Map<string, 'holds' | 'waits'>>()
  #lookedAt = 0
  #closed = false

  constructor(parts: SlotParts) {
    this.#parts = parts
    this.#book = openSlotBook(parts.journal, parts.worker)
    this.#preemptions = openPreemptions(parts, (executionId) => this.left(executionId, true))
    this.#alarms = parts.alarms((key) => {
      if (key === sweepKey) void this.#sweep()
      else if (this.#of.has(key)) this.left(key, true)
      else void this.#advance(key)
    })
  }

  /**
   * Takes up what an earlier process left.
   * @param rows the open work of the log
   * @param isAlone no other engine is about to go on with anything
   */
  async start(rows: readonly WorkRow[], isAlone = true): Promise<void> {
    await this.#takeUp(rows, isAlone)
    this.#alarms.set(sweepKey, this.#parts.now() + sweepMs)
  }

  /** Beside other engines: slots that fall to this one, whoever held them or waited for them is looked after by a process that may be gone. */
  async lookAgain(rows: readonly WorkRow[]): Promise<void> {
    const now = this.#parts.now()
    if (now - this.#lookedAt < sweepMs) return
    this.#lookedAt = now
    await this.#takeUp(rows, false)
  }

  async #takeUp(rows: readonly WorkRow[], isAlone: boolean): Promise<void> {
    for (const [slot, segment] of newestSegments(rows)) {
      const state = await this.#book.load(slot, segment)
      this.#index(slot, state)
      for (const { executionId, since } of withoutTurn(state))
        if (isAlone || (this.#parts.now() - since > freshMs && !this.#parts.isHere(executionId))) await this.#settled(executionId, isAlone)
      await this.#advance(slot)
    }
  }

  close(): void {
    this.#closed = true
    this.#alarms.close()
    this.#preemptions.close()
  }

  /**
   * Asks for everything in order, up to the first that has to be waited for.
   * @param isNew it can still be refused: nobody knows of it yet
   * @returns whether it holds everything; else `granted` is called when it is worth asking again
   * @throws WeConnectError RATE_LIMITED, QUEUE_FULL, EXECUTION_SKIPPED, only of a new one: then it holds nothing
   */
  async acquire(who: Claimant, demands: readonly Demand[], isNew: boolean): Promise<boolean> {
    this.#outdate(who.executionId)
    try {
      for (const demand of demands) {
        if (!isNew && demand.periodMs > 0 && who.epoch > 1) continue
        if (!(await this.#acquireOne(who, demand, isNew))) return false
      }
      return true
    } catch (error) {
      if (isNew) await this.withdraw(who.executionId, who.organisationId, demands)
      throw error
    }
  }

  async #acquireOne(who: Claimant, demand: Demand, isNew: boolean): Promise<boolean> {
    const { limit, periodMs } = demand
    const { organisationId, ...claim } = who
    const { events, slot } = await this.#handle(demand.slot, {
      type: 'AcquireSlot',
      claim: { ...claim, weight: this.#parts.weightOf(organisationId) },
      // Who was taken in is not turned away any more.
      terms: isNew ? demand : { limit, periodMs },
      organisationId,
      now: this.#parts.now(),
    })
    const skipped = events.find((event) => event.type === 'SlotSkipped')
    if (skipped) throw skippedFor(skipped.data.heldBy)
    const has = ({ executionId }: { readonly executionId: string }): boolean => executionId === who.executionId
    // Others may have granted it, or taken it out of the queue.
    this.#put(who.executionId, demand.slot, slot.holders.some(has) ? 'holds' : slot.waiters.some(has) ? 'waits' : undefined)
    return slot.holders.some(has) || (periodMs > 0 && slot.starts.some(has))
  }

  /** Gives back what an execution was granted that never came to be. */
  async withdraw(executionId: string, organisationId: string, demands: readonly Demand[]): Promise<void> {
    for (const { slot } of demands) await this.#release(slot, executionId, anyEpoch, 'withdrawn', organisationId)
  }

  /**
   * It has ended, or waits: whatever it holds is compared with its stream, and given back. Costs nothing when it holds nothing.
   * @param isGivenUp it was about to go on here, and does not: what was granted for that is given back, too
   */
  left(executionId: string, isGivenUp = false): void {
    if (this.#of.has(executionId) && !this.#closed) void this.#settled(executionId, isGivenUp)
  }

  /** What cannot be written now (a full disk) is written later: it keeps nobody from starting. */
  async #settled(executionId: string, isGivenUp: boolean): Promise<void> {
    try {
      await this.#settle(executionId, isGivenUp)
    } catch (error) {
      this.#parts.onError(error, executionId)
      if (!this.#closed) this.#alarms.set(executionId, this.#parts.now() + retryMs)
    }
  }

  /** Whether something is between it and its run. */
  isWaiting(executionId: string): boolean {
    return [...(this.#of.get(executionId)?.values() ?? [])].includes('waits')
  }

  /** What it waits for first. */
  async waitOf(executionId: string, { slots }: Flow): Promise<SlotWait | undefined> {
    for (const demand of slots) {
      const slot = this.#book.known(demand.slot) ?? (await this.#book.load(demand.slot))
      const place = slot.waiters.findIndex((waiter) => waiter.executionId === executionId)
      if (place < 0) continue
      const free = freeAt(slot, this.#parts.now())
      const until = free === undefined ? undefined : free + Math.floor(place / Math.max(1, slot.limit)) * slot.periodMs
      return { demand, limit: slot.limit, heldBy: slot.holders.map((holder) => holder.executionId), ahead: place, until }
    }
    return undefined
  }

  async #settle(executionId: string, isGivenUp: boolean): Promise<void> {
    const held = this.#of.get(executionId)
    const { status, epoch, organisationId, flow } = await this.#parts.standing(executionId)
    const isOutOfDate = (): boolean => this.#of.get(executionId) !== held
    if (!held || isOutOfDate() || status === 'pending' || status === 'running') return
    if ((status === 'waiting' || status === 'absent') && this.#parts.isHere(executionId)) return
    for (const slot of [...held.keys()]) {
      if (isOutOfDate()) return
      if (status === 'waiting') {
        if (flow?.slots.find((demand) => demand.slot === slot)?.holdsWhileWaiting) continue
        // Another may be about to go on with it, with a higher epoch; not at the start, and not who says so.
        await this.#release(slot, executionId, isGivenUp ? anyEpoch : epoch, 'waiting', organisationId)
      } else {
        const owner = status === 'absent' ? this.#organisationOf(slot, executionId) : organisationId
        await this.#release(slot, executionId, anyEpoch, status === 'absent' ? 'withdrawn' : 'ended', owner)
      }
    }
  }

  #organisationOf(slot: string, executionId: string): string {
    const { holders = [], waiters = [] } = this.#book.known(slot) ?? {}
    return [...holders, ...waiters].find((one) => one.executionId === executionId)?.organisationId ?? ''
  }

  async #release(
    slot: string,
    executionId: string,
    epoch: number,
    reason: 'ended' | 'waiting' | 'withdrawn',
    organisationId: string,
  ): Promise<void> {
    const { slot: after } = await this.#handle(slot, {
      type: 'ReleaseSlot',
      ...{ executionId, epoch, reason, organisationId },
      now: this.#parts.now(),
    })
    const isLeft = [...after.holders, ...after.waiters].some((one) => one.executionId === executionId)
    if (!isLeft) this.#put(executionId, slot, undefined)
  }

  /** Grants what has become free with time, or is left for another organisation. */
  async #advance(slot: string): Promise<void> {
    try {
      await this.#followUp(slot, this.#book.known(slot) ?? (await this.#book.load(slot)))
    } catch (error) {
      this.#parts.onError(error, '')
      if (!this.#closed) this.#alarms.set(slot, this.#parts.now() + retryMs)
    }
  }

  async #handle(slot: string, command: SlotCommand): ReturnType<SlotBook['handle']> {
    const handled = await this.#book.handle(slot, command)
    const own = command.type === 'AcquireSlot' ? command.claim.executionId : undefined
    for (const event of handled.events) this.#note(slot, event, own)
    await this.#followUp(slot, handled.slot)
    return handled
  }

  async #followUp(slot: string, state: Slot): Promise<void> {
    const now = this.#parts.now()
    const organisationId = dueTurn(state, now)
    if (organisationId !== undefined) await this.#handle(slot, { type: 'AdvanceSlot', organisationId, now })
    else if (state.waiters.length > 0 && state.periodMs > 0 && !this.#closed) this.#alarms.set(slot, freeAt(state, now) ?? now)
  }

  #note(slot: string, event: SlotEvent, own: string | undefined): void {
    if (event.type === 'SlotQueued') this.#put(event.data.claim.executionId, slot, 'waits')
    else if (event.type === 'SlotReleased') this.#put(event.data.executionId, slot, undefined)
    else if (event.type === 'SlotPreempted') this.#preemptions.make(event.data.executionId, event.data.by)
    else if (event.type === 'SlotGranted') {
      const { claim, periodMs } = event.data
      this.#put(claim.executionId, slot, periodMs > 0 ? undefined : 'holds')
      if (claim.executionId !== own) this.#parts.granted(claim.executionId, claim.priority)
    }
  }

  #put(executionId: string, slot: string, how: 'holds' | 'waits' | undefined): void {
    const held = this.#of.get(executionId) ?? new Map<string, 'holds' | 'waits'>()
    if (how === undefined) held.delete(slot)
    else held.set(slot, how)
    if (held.size === 0) this.#of.delete(executionId)
    else this.#of.set(executionId, held)
  }

  /** It asks anew: what is being found out about how it stood before gives nothing back any more. */
  #outdate(executionId: string): void {
    const held = this.#of.get(executionId)
    if (held) this.#of.set(executionId, new Map(held))
  }

  #index(slot: string, { holders, waiters }: Slot): void {
    for (const { executionId } of holders) this.#put(executionId, slot, 'holds')
    for (const { executionId } of waiters) this.#put(executionId, slot, 'waits')
    for (const { executionId, preemptedBy } of [...holders, ...waiters])
      if (preemptedBy !== undefined) this.#preemptions.make(executionId, preemptedBy)
  }

  /** Nothing should be found here: what leaves says so. It is looked at all the same, since nothing else would find it. */
  async #sweep(): Promise<void> {
    for (const [executionId, held] of this.#of) {
      if (this.#closed) return
      if (isHolder(held) && !this.#parts.isHere(executionId)) this.left(executionId)
    }
    this.#alarms.set(sweepKey, this.#parts.now() + sweepMs)
  }
}

const isHolder = (held: ReadonlyMap<string, 'holds' | 'waits'>): boolean => [...held.values()].includes('holds')

const skippedFor = (heldBy: string): WeConnectError =>
  new WeConnectError('EXECUTION_SKIPPED', `It was not begun: execution ${heldBy} of the same singleton has not ended`)
