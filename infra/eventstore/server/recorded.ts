import type { StoredEvent } from '../port.ts'
import { parsePosition } from '../position.ts'
import { receiptOf } from './receipt.ts'

/** An event as the protocol shows it. */
export interface Recorded {
  readonly id: string
  readonly type: string
  readonly stream: string
  readonly revision: number
  readonly json: boolean
  /** When it was taken, milliseconds since the epoch. */
  readonly created: number
  readonly data: Buffer
  readonly metadata: Buffer
  /** Where it is in the log: the protocol's prepare position. */
  readonly place: number
  /** Where its append ends: the protocol's commit position, the same for all events of one append. */
  readonly commit: number
}

export const recordedFrom =
  (logId: string) =>
  ({ id, type, stream, revision, data, metadata, position, following = 0 }: StoredEvent): Recorded => {
    const place = parsePosition(logId, position)
    const receipt = receiptOf(metadata)
    return {
      id,
      type,
      stream,
      revision,
      data,
      json: receipt.json,
      created: receipt.received,
      metadata: receipt.metadata,
      place,
      commit: place + following,
    }
  }
