import type { Position } from '@weconnect/contracts/envelope'

/** Key of the record that says how far the relay of a log is. */
export const positionKey = (logId: string): string => `position/${logId}`

/** A record on its way into a topic. */
export interface TopicMessage {
  readonly topic: string
  readonly key: string
  readonly value: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** Messages of one transaction; filled while another one is on its way. */
export interface TopicBatch {
  add(message: TopicMessage): void
}

/**
 * Writes batches to topics so that a batch and the position it ends at become visible together, or not at all, to readers that read committed.
 * Of all writers of one log only the one that opened last can write.
 */
export interface TopicWriter {
  /**
   * Takes over from whoever wrote before. Ask once; after a failure make a new writer.
   * @returns where the last committed batch ended; undefined when there is none
   * @throws TakenOver when it opens again after a failure and another one has opened meanwhile
   */
  open(): Promise<Position | undefined>
  /** An empty batch for `publish` of this writer, once it is open. */
  newBatch(): TopicBatch
  /** @throws TakenOver; any other error leaves open whether the batch was committed: open again to know */
  publish(batch: TopicBatch, end: Position): Promise<void>
  /** Rejects, with the reason, when it can be used no more; also while nothing is being published. */
  readonly lost: Promise<never>
  close(): Promise<void>
}

/** Another writer is the active one. */
export class TakenOver extends Error {
  override readonly name = 'TakenOver'
}

/** Gives an encoded record its place in the registry: the five bytes in front of every value. */
export type Encode = (value: unknown) => Buffer
