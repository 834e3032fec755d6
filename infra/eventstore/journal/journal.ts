import type { Context, DomainEvent, Envelope, Position, WriteToken } from '@weconnect/contracts/envelope'
import type { StoredEvent } from '../port.ts'

/** Where a stream stands: what the next append must name. `hash` is the hash of its last event. */
export interface Head {
  readonly revision: number
  readonly hash: string
}
/** The head of a stream that does not exist yet. */
export const noStream: Head = { revision: -1, hash: '' }

export interface Written {
  readonly head: Head
  readonly token: WriteToken
  /** Ids of the events, in order. */
  readonly eventIds: readonly string[]
  /** Of all of them, ISO 8601. */
  readonly time: string
}

/**
 * The typed face of the log: seals payloads, computes the hash chain, moves what is too large to the blob store, and back.
 * All services write and read through it.
 */
export interface Journal {
  readonly logId: string
  /** @throws WeConnectError REVISION_CONFLICT when the stream is not at `head`. */
  append(stream: string, head: Head, events: readonly DomainEvent[], context: Context, time?: string): Promise<Written>
  /** Opened events of one stream, ascending unless told otherwise. An unknown stream is empty. */
  read(stream: string, options?: { from?: number; limit?: number; direction?: 'forwards' | 'backwards' }): AsyncIterable<Envelope>
  readAll(options: { after?: Position | undefined; limit: number; direction?: 'forwards' | 'backwards' }): Promise<readonly Envelope[]>
  subscribe(options: {
    after: Position | 'start' | 'end'
    families?: readonly string[]
    stream?: string
    signal?: AbortSignal
  }): AsyncIterable<readonly Envelope[]>
  /** Opens one stored event: parses, decrypts, fetches blobs. */
  open(stored: StoredEvent): Promise<Envelope>
  head(): Promise<Position | undefined>
}
