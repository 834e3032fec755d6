import type { EventMetadata } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import { eventCatalogue } from '@weconnect/contracts/events/catalogue'
import type { JsonObject } from '@weconnect/contracts/json'
import type { StoredEvent } from '@weconnect/eventstore/port'

/** An event as the log has it: payloads sealed. The relay holds no key. */
export interface RecordedEvent {
  readonly stored: StoredEvent
  readonly metadata: EventMetadata
  readonly data: JsonObject
  readonly family: (typeof eventCatalogue)[keyof typeof eventCatalogue]['family']
}

/** @throws WeConnectError LOG_CORRUPT, for what is no event of ours */
export const recordedEvent = (stored: StoredEvent): RecordedEvent => {
  try {
    const metadata = JSON.parse(stored.metadata.toString()) as EventMetadata
    return { stored, metadata, data: JSON.parse(stored.data.toString()) as JsonObject, family: eventCatalogue[metadata.type].family }
  } catch (error) {
    throw new WeConnectError('LOG_CORRUPT', `Event ${stored.revision} of ${stored.stream} cannot be read: run \`./weconnect verify\``, {
      cause: error,
    })
  }
}
