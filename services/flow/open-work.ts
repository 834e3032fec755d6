import { familyOf } from '@weconnect/contracts/ids'
import type { EventBytes, WorkOf, WorkRow } from '@weconnect/eventstore/port'
import { slotOfStream } from './slot-book.ts'

const dataOf = <Data>(event: EventBytes): Data => JSON.parse(event.data.toString()) as Data

/** Slots that somebody holds or waits for, and gatherings that have not begun, are kept among the open work of the log. Only the newest event is parsed. */
export const flowWork: WorkOf = (stream, events) => {
  const family = familyOf(stream)
  if (family === 'slot') return slotWork(stream, events)
  return family === 'gathering' ? gatheringWork(stream, events) : undefined
}

const slotWork: WorkOf = (stream, events) => {
  const newest = events.findLast(({ type }) => type !== 'SlotPreempted' && type !== 'SlotSkipped')
  if (!newest) return undefined
  switch (newest.type) {
    case 'SlotSegmentClosed':
      return dataOf<{ opened: boolean }>(newest).opened ? 'done' : { stream, status: 'waiting' }
    case 'SlotSegmentOpened': {
      const { holders, waiters } = dataOf<{ slot: string }>(newest).slot as unknown as { holders: unknown[]; waiters: unknown[] }
      return holders.length + waiters.length === 0 ? 'done' : { stream, status: 'waiting' }
    }
    default:
      return dataOf<{ left: number }>(newest).left === 0 ? 'done' : { stream, status: 'waiting' }
  }
}

const gatheringWork: WorkOf = (stream, events) => {
  const newest = events.at(-1)
  if (newest?.type !== 'GatheringBegun') return { stream, status: 'waiting' }
  return dataOf<{ left: number }>(newest).left === 0 ? 'done' : { stream, status: 'waiting' }
}

/** The newest stream of each slot among the open work of the log. */
export const newestSegments = (rows: readonly WorkRow[]): ReadonlyMap<string, number> => {
  const newest = new Map<string, number>()
  for (const { stream } of rows) {
    if (familyOf(stream) !== 'slot') continue
    const { slot, segment } = slotOfStream(stream)
    newest.set(slot, Math.max(segment, newest.get(slot) ?? 0))
  }
  return newest
}
