import type { Context } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import type { SlotEvent } from '@weconnect/contracts/events/slot'
import { type Head, type Journal, noStream } from '@weconnect/eventstore/journal'
import { decide, type SlotCommand } from './slot-decide.ts'
import { emptySlot, evolve, leftOf, type RecordedSlot, type Slot } from './slot-state.ts'

/** Events of one stream after which the slot goes on in another, unless told otherwise. */
const usualSegment = 1_000
/** With more who wait than this, one event could not carry them: the stream grows until there are fewer. */
const mostCarried = 1_000
/** Commands of one append. */
const mostTogether = 100
const conflictRetries = 100
/** Slots that are remembered although nobody holds them or waits. */
const rememberedSlots = 10_000

/** A slot as it stands in the newest of its streams. */
interface Folded {
  readonly slot: Slot
  readonly segment: number
  readonly head: Head
}

interface Order {
  readonly command: SlotCommand
  readonly resolve: (handled: Handled) => void
  readonly reject: (error: unknown) => void
}

export interface Handled {
  readonly events: readonly SlotEvent[]
  /** After the append that they are in. */
  readonly slot: Slot
}

/** What a few commands come to. */
interface Decided {
  readonly events: SlotEvent[]
  /** Tells each who asked, when the events are durable. */
  readonly tell: ((slot: Slot) => void)[]
}

interface Entry {
  folded: Folded | undefined
  readonly orders: Order[]
  busy: boolean
}

export const streamOfSlot = (slot: string, segment: number): string => (segment === 0 ? `slot-${slot}` : `slot-${slot}-${segment}`)

/** What a stream of the family is of. */
export const slotOfStream = (stream: string): { readonly slot: string; readonly segment: number } => {
  const [, slot = '', segment = '0'] = stream.split('-')
  return { slot, segment: Number(segment) }
}

export interface SlotBook {
  /** Decides and appends at the expected revision; what comes at the same time shares appends. Rejects with what `decide` throws. */
  handle(slot: string, command: SlotCommand): Promise<Handled>
  /** Folds a slot; `from`: a segment that is known to exist. */
  load(slot: string, from?: number): Promise<Slot>
  /** As it was last seen here. */
  known(slot: string): Slot | undefined
}

/** The streams of all slots. @param longSegment events of one stream */
export const openSlotBook = (journal: Pick<Journal, 'append' | 'read'>, worker: string, longSegment = usualSegment): SlotBook => {
  const entries = new Map<string, Entry>()

  const entryOf = (slot: string): Entry => {
    const known = entries.get(slot)
    if (known) return known
    if (entries.size >= rememberedSlots)
      for (const [name, entry] of entries) if (!entry.busy && entry.folded && leftOf(entry.folded.slot) === 0) entries.delete(name)
    const entry: Entry = { folded: undefined, orders: [], busy: false }
    entries.set(slot, entry)
    return entry
  }

  const contextOf = (slot: string, organisationId: string): Context => ({
    actor: `engine:${worker}`,
    organisationId,
    correlationId: slot,
    causationId: slot,
  })

  /** The rest of one segment, and whether the slot has gone on in the next. */
  const readOn = async (slot: string, from: Folded): Promise<Folded & { readonly closed: boolean }> => {
    const { segment } = from
    let { slot: state, head } = from
    let closed = false
    for await (const event of journal.read(streamOfSlot(slot, segment), { from: head.revision + 1 })) {
      state = evolve(state, event as unknown as RecordedSlot)
      head = { revision: event.revision, hash: event.hash }
      closed ||= event.type === 'SlotSegmentClosed'
    }
    return { slot: state, segment, head, closed }
  }

  const readSegment = (slot: string, segment: number): ReturnType<typeof readOn> =>
    readOn(slot, { slot: emptySlot, segment, head: noStream })

  const exists = async (slot: string, segment: number): Promise<boolean> => {
    for await (const _ of journal.read(streamOfSlot(slot, segment), { limit: 1 })) return true
    return false
  }

  /** The newest segment, found in as many looks as its number has digits. */
  const newest = async (slot: string, from: number): Promise<number> => {
    let [low, step] = [from, 1]
    while (await exists(slot, low + step)) {
      low += step
      step *= 2
    }
    for (let high = low + step; high - low > 1; ) {
      const middle = low + Math.floor((high - low) / 2)
      if (await exists(slot, middle)) low = middle
      else high = middle
    }
    return low
  }

  /** @param from what is known already, or a segment that is known to exist */
  const fold = async (slot: string, from: Folded | number = 0): Promise<Folded> => {
    const first = typeof from === 'number' ? await readSegment(slot, from) : await readOn(slot, from)
    if (!first.closed) return first
    const last = await newest(slot, first.segment)
    const found = last === first.segment ? first : await readSegment(slot, last)
    return found.closed ? openNext(slot, found) : found
  }

  const write = async (slot: string, at: Folded, events: readonly SlotEvent[], organisationId: string): Promise<Folded> => {
    const { head } = await journal.append(streamOfSlot(slot, at.segment), at.head, events, contextOf(slot, organisationId))
    return { ...at, slot: events.reduce((state, event) => evolve(state, { ...event, organisationId }), at.slot), head }
  }

  /** Begins the next stream with everything that is held, and says so in the one before. Whoever comes upon a closed one does it. */
  const openNext = async (slot: string, { slot: state, segment, head }: Folded): Promise<Folded> => {
    const next = segment + 1
    const organisationId = state.holders[0]?.organisationId ?? state.waiters[0]?.organisationId ?? ''
    const carried: SlotEvent = { type: 'SlotSegmentOpened', data: { segment: next, slot: state as never } }
    const opened = await write(slot, { slot: state, segment: next, head: noStream }, [carried], organisationId)
    const left: SlotEvent = { type: 'SlotSegmentClosed', data: { segment, opened: true } }
    await write(slot, { slot: state, segment, head }, [left], organisationId)
    return opened
  }

  const isLong = ({ slot, head }: Folded): boolean => head.revision >= longSegment && slot.waiters.length <= mostCarried

  /** Decides a few commands of one organisation one after the other, for one append. */
  const decideAll = (orders: readonly Order[], from: Slot): Decided => {
    const decided: Decided = { events: [], tell: [] }
    let state = from
    for (const { command, resolve, reject } of orders) {
      try {
        const events = decide(command, state)
        state = events.reduce((before, event) => evolve(before, { ...event, organisationId: command.organisationId }), state)
        decided.events.push(...events)
        decided.tell.push((slot) => resolve({ events, slot }))
      } catch (error) {
        decided.tell.push(() => reject(error))
      }
    }
    return decided
  }

  const takeTogether = (orders: Order[]): Order[] => {
    const organisationId = orders[0]?.command.organisationId
    let count = 1
    while (count < mostTogether && orders[count]?.command.organisationId === organisationId) count += 1
    return orders.splice(0, count)
  }

  const writeTogether = async (slot: string, entry: Entry, orders: readonly Order[]): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      try {
        const isRemembered = tries === 1 && entry.folded !== undefined
        entry.folded = isRemembered && entry.folded ? entry.folded : await fold(slot, entry.folded)
        let decided = decideAll(orders, entry.folded.slot)
        // An append would tell that another engine was here; where there is none, one has to look.
        if (decided.events.length === 0 && isRemembered) {
          entry.folded = await fold(slot, entry.folded)
          decided = decideAll(orders, entry.folded.slot)
        }
        const { events, tell } = decided
        const organisationId = orders[0]?.command.organisationId ?? ''
        if (events.length > 0) entry.folded = await write(slot, entry.folded, events, organisationId)
        for (const one of tell) one(entry.folded.slot)
        return
      } catch (error) {
        if (isWeConnectError(error, 'REVISION_CONFLICT') && tries <= conflictRetries) continue
        entry.folded = undefined
        for (const { reject } of orders) reject(error)
        return
      }
    }
  }

  /** When it is cut off, whoever folds the slot next finishes it. */
  const roll = async (slot: string, entry: Entry): Promise<void> => {
    if (!entry.folded || !isLong(entry.folded)) return
    const { folded } = entry
    const organisationId = folded.slot.holders[0]?.organisationId ?? ''
    const closed: SlotEvent = { type: 'SlotSegmentClosed', data: { segment: folded.segment, opened: false } }
    entry.folded = undefined
    try {
      entry.folded = await openNext(slot, await write(slot, folded, [closed], organisationId))
    } catch {}
  }

  const drain = async (slot: string, entry: Entry): Promise<void> => {
    while (entry.orders.length > 0) {
      await writeTogether(slot, entry, takeTogether(entry.orders))
      await roll(slot, entry)
    }
    entry.busy = false
  }

  return {
    handle: (slot, command) =>
      new Promise((resolve, reject) => {
        const entry = entryOf(slot)
        entry.orders.push({ command, resolve, reject })
        if (entry.busy) return
        entry.busy = true
        void drain(slot, entry)
      }),
    load: async (slot, from) => {
      const entry = entryOf(slot)
      // Whoever writes has it newer.
      if (entry.busy && entry.folded) return entry.folded.slot
      const folded = await fold(slot, from)
      if (!entry.busy) entry.folded = folded
      return (entry.folded ?? folded).slot
    },
    known: (slot) => entries.get(slot)?.folded?.slot,
  }
}
