import { encodeCursor } from '@weconnect/contracts/cursor'
import type { Envelope } from '@weconnect/contracts/envelope'
import type { JsonObject } from '@weconnect/contracts/json'

/** What is said of one event to those who watch. */
export interface Update {
  /** Id of the event: a repeated one is recognised by it. */
  readonly id: string
  readonly type: Envelope['type']
  /** ISO 8601, UTC. */
  readonly timestamp: string
  /** Give it as `after` to go on from here. */
  readonly cursor: string
  readonly revision: number
  readonly step?: number
  readonly nodeName?: string
  /** The event without its items. */
  readonly data: JsonObject
}

/** Fields that hold items, which may be large and are asked for where they are wanted. */
const itemFields: ReadonlySet<string> = new Set(['input', 'outputs', 'calls', 'response', 'customData', 'variables', 'pinData'])

export const updateOf = (envelope: Envelope, log: string): Update => {
  const data = Object.fromEntries(Object.entries(envelope.data).filter(([field]) => !itemFields.has(field))) as JsonObject
  const { step, nodeName } = data
  return {
    id: envelope.eventId,
    type: envelope.type,
    timestamp: envelope.time,
    cursor: encodeCursor({ log, stream: envelope.stream, revision: envelope.revision, position: envelope.position }),
    revision: envelope.revision,
    ...(typeof step === 'number' && { step }),
    ...(typeof nodeName === 'string' && { nodeName }),
    data,
  }
}
