import { eventCatalogue } from '@weconnect/contracts/events/catalogue'
import { type Topic, topics } from '@weconnect/contracts/topics'
import type { KafkaSettings } from '@weconnect/kafka/connect'
import type { TopicPartition } from '@weconnect/kafka/partition-reader'
import { handledTypes, type Projection } from '../projection.ts'

export const groupIdOf = ({ topicPrefix }: KafkaSettings, projection: string): string => `${topicPrefix}weconnect-${projection}`

/** The topics whose events a projection handles. */
const topicsOf = (projection: Projection): readonly Topic[] => [
  ...new Set(handledTypes(projection).map((type) => topics[eventCatalogue[type].family])),
]

export const topicNamesOf = ({ topicPrefix }: KafkaSettings, projection: Projection): readonly string[] =>
  topicsOf(projection).map(({ name }) => topicPrefix + name)

export const partitionsOf = ({ topicPrefix }: KafkaSettings, projection: Projection): readonly TopicPartition[] =>
  topicsOf(projection).flatMap(({ name, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic: topicPrefix + name, partition })),
  )
