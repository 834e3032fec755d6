import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject } from '@weconnect/contracts/json'

export interface LiveMessage {
  /** Give it as `after` to go on from here. */
  readonly cursor: string
  readonly data: JsonObject
}

/** Messages of a topic that are kept for those who come later. */
export const keptMessages = 240

/** @throws WeConnectError INVALID_INPUT */
export const checkedCursor = (cursor: string | undefined): string | undefined => {
  if (cursor === undefined || /^\d{1,19}(?:-\d{1,19})?$/.test(cursor)) return cursor
  throw new WeConnectError('INVALID_INPUT', 'That is no cursor of a live message')
}

/**
 * What is said between processes and is in no log: nobody misses it when it is lost. In order; each once to each subscriber while Redis stays.
 * What happened to a workflow or an execution is never said here, but read from the log.
 */
export interface LiveMessages {
  /** Lost, silently, while Redis is away. */
  publish(topic: string, data: JsonObject): Promise<void>
  /** The newest, the oldest of them first; none while Redis is away. */
  recent(topic: string, limit: number): Promise<readonly LiveMessage[]>
  /** From now on, or from after a message. Ends on abort. @throws WeConnectError INVALID_INPUT for what is no cursor */
  subscribe(topic: string, options: { readonly after?: string | undefined; readonly signal: AbortSignal }): AsyncIterable<LiveMessage>
  close(): void
}
