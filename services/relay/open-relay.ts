import { eventCatalogue } from '@weconnect/contracts/events/catalogue'
import { stateTopics, topics } from '@weconnect/contracts/topics'
import { checkEngines, type KafkaSettings } from '@weconnect/kafka/connect'
import { type PublishedSchema, publishedSchemas } from '@weconnect/kafka/published-schemas'
import { registerSchemas, type TopicSchema } from '@weconnect/kafka/registry'
import { setUpTopics } from '@weconnect/kafka/topic-setup'
import { openTopicWriter } from '@weconnect/kafka/topic-writer'
import type { Relay } from './face.ts'
import { type RelayParts, startRelay } from './relay.ts'

export interface OpenRelayOptions extends Pick<RelayParts, 'store' | 'timers' | 'onState'> {
  readonly settings: KafkaSettings
  /** This process, for the others to know it by. */
  readonly relayId: string
  /** It ran before under the same id, and must not take over from one that came after it. */
  readonly wasActive?: boolean
}

const topicOf = (name: string): string => {
  const state = Object.values(stateTopics).find(({ record }) => record === name)
  return state?.name ?? topics[eventCatalogue[name as keyof typeof eventCatalogue].family].name
}

export const topicSchemas = (topicPrefix: string, schemas: readonly PublishedSchema[] = publishedSchemas()): readonly TopicSchema[] =>
  schemas.map((schema) => ({ ...schema, topic: topicPrefix + topicOf(schema.name) }))

/**
 * Makes topics and schemas known and starts to publish.
 * @throws WeConnectError CONFIG_INVALID or UNAVAILABLE: which variable is wrong, what failed, what to do
 */
export const openRelay = async ({ settings, store, timers, relayId, onState, wasActive = false }: OpenRelayOptions): Promise<Relay> => {
  await checkEngines(settings)
  await setUpTopics(settings)
  const encoderOf = await registerSchemas(settings.registryUrl, topicSchemas(settings.topicPrefix))
  return startRelay({
    store,
    timers,
    wasActive,
    encoderOf,
    topicPrefix: settings.topicPrefix,
    openWriter: (again) => openTopicWriter({ settings, logId: store.logId, relayId, wasActive: again }),
    ...(onState && { onState }),
  })
}
