import { stateTopics, topics } from '@weconnect/contracts/topics'
import type { TopicMessage } from '@weconnect/kafka/port'
import type { EncoderOf } from '@weconnect/kafka/registry'
import { headersOf } from './event-headers.ts'
import type { NewestState } from './newest-states.ts'
import type { RecordedEvent } from './recorded-event.ts'

const stateVersion = 1

export interface MessageParts {
  readonly topicPrefix: string
  readonly encoderOf: EncoderOf
}

/** An event in the schema of the version it was written with: consumers resolve it, as every version reads every other. */
export const eventMessage = ({ topicPrefix, encoderOf }: MessageParts, event: RecordedEvent): TopicMessage => ({
  topic: topicPrefix + topics[event.family].name,
  key: event.stored.stream,
  value: encoderOf(event.metadata.type, event.metadata.schemaVersion)(event.data),
  headers: headersOf(event),
})

export const stateMessage = ({ topicPrefix, encoderOf }: MessageParts, { family, state, event }: NewestState): TopicMessage => {
  const { name, record } = stateTopics[family]
  return {
    topic: topicPrefix + name,
    key: event.stored.stream,
    value: encoderOf(record, stateVersion)(state),
    headers: headersOf(event),
  }
}
