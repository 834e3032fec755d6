import type { Envelope, Position } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import type { Journal } from '@weconnect/eventstore/journal'
import type { KeptPlace } from '../topics/topic-places.ts'
import { distance } from '../waiters.ts'

/** How far a read model is. */
export interface FeedMark {
  /** Everything up to here is in it. */
  readonly position: Position | undefined
  /** Where topics feed it: how far it is in each partition. */
  readonly places?: readonly KeptPlace[] | undefined
}

/** What is known of an event that cannot be applied. */
export type EventName = Pick<Envelope, 'eventId' | 'stream' | 'revision' | 'type'>

export interface FeedBatch {
  /** In the order of each stream. */
  readonly events: readonly Envelope[]
  /** What comes behind them, and cannot be read: it will not pass. */
  readonly unreadable?: { readonly event: EventName; readonly error: string }
}

/** Where the events of a store's read model come from. */
export interface StoreFeed {
  /** Goes on from there. @returns false when it cannot: what is missing is to be built from the log */
  open(mark: FeedMark): Promise<boolean>
  /** What comes next; the same again until `wrote` says that some of it was written. Empty when there is nothing now. */
  next(): Promise<FeedBatch>
  /** So many of the events of `next` are in the read model. @returns how far it is now */
  wrote(count: number): Promise<FeedMark>
  /** Whether there is enough for another batch at once. */
  more(): Promise<boolean>
  /** The last event that is in the read model, though others before it may not be. */
  farthest(): Position | undefined
  /** It was built anew up to there. */
  rebuilt(position: Position | undefined): Promise<FeedMark>
  close(): Promise<void>
}

const unreadable: EventName = { eventId: '', stream: '', revision: -1, type: 'ExecutionRequested' }

/** The storage is away, or a server: it may pass. */
export const mayPass = (error: unknown): boolean => isWeConnectError(error, 'STORAGE_FAILED') || isWeConnectError(error, 'UNAVAILABLE')

/** The log itself. @param batchEvents read at once */
export const logFeed = (journal: Journal, batchEvents: number): StoreFeed => {
  let position: Position | undefined
  let read: readonly Envelope[] = []

  const readable = async (limit: number): Promise<FeedBatch> => {
    try {
      read = await journal.readAll({ after: position, limit })
      return { events: read }
    } catch (error) {
      if (mayPass(error)) throw error
      if (limit > 1) return readable(Math.max(1, limit >> 3))
      return { events: [], unreadable: { event: unreadable, error: error instanceof Error ? error.message : String(error) } }
    }
  }

  return {
    open: async (mark) => {
      position = mark.position
      // From topics some of what comes after the position is there already, and not every store can take it twice.
      return mark.places === undefined
    },
    next: () => readable(batchEvents),
    wrote: async (count) => {
      position = read[count - 1]?.position ?? position
      return { position }
    },
    more: async () => distance(position, await journal.head()) >= batchEvents / 2,
    farthest: () => position,
    rebuilt: async (to) => {
      position = to
      return { position }
    },
    close: async () => undefined,
  }
}
