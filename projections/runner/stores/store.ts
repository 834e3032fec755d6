import type { Envelope, Position } from '@weconnect/contracts/envelope'
import type { FactsOfExecutions } from '../execution-facts.ts'
import type { KeptPlace } from '../topics/topic-places.ts'

/** Finds what the first event of an execution said: see execution-facts.ts. */
export type FindFacts = FactsOfExecutions['find']

/**
 * One build of a read model in a store. Writing is idempotent: the same events, in batches cut anywhere, in the order of each stream, give the
 * same documents. So the position may follow what was written, in a write of its own, and a crash between the two changes nothing.
 */
export interface Generation {
  readonly version: number
  /** Where it stood when it was opened; null before the first event. */
  readonly position: Position | null
  /** Where it stood in each partition, when topics fed it last. */
  readonly places?: readonly KeptPlace[] | undefined
  /**
   * Resolves when it is stored.
   * @throws WeConnectError with a retryable code when the server is to blame; any other error is the event's, and will not pass
   */
  write(events: readonly Envelope[], factsOf: FindFacts): Promise<void>
  /**
   * Remembers that everything up to a position is in it, and how far it is in each partition when topics feed it.
   * @throws WeConnectError LEASE_LOST when another generation took its place meanwhile
   */
  keep(position: Position | null, places?: readonly KeptPlace[]): Promise<void>
}

/** Places as a store keeps them, in one text. */
export const placesText = (places: readonly KeptPlace[] | undefined): string | null =>
  places === undefined ? null : JSON.stringify(places)
export const placesIn = (text: string | null | undefined): readonly KeptPlace[] | undefined =>
  text ? (JSON.parse(text) as readonly KeptPlace[]) : undefined

/** A read model that a server other than PostgreSQL keeps, with its position beside its documents. Any process may host its writer. */
export interface ReadModelStore {
  /** As status, rebuild and retry take it. */
  readonly name: string
  /** Raised when the same event is to give another document. */
  readonly version: number
  /** Environment variable that names the server, for messages. */
  readonly variable: string
  /** The generation that is read; an empty one is made when there is none. */
  open(): Promise<Generation>
  /** A new, empty generation behind the one that is read. What a rebuild left behind is dropped. */
  begin(): Promise<Generation>
  /** Readers see the generation that `begin` made last, and the one before is dropped. */
  swap(next: Generation): Promise<void>
  close(): Promise<void>
}
