import { WeConnectError } from '@weconnect/contracts/errors'
import { checkpointTopic, stateTopics, type Topic, topics } from '@weconnect/contracts/topics'
import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs'
import { type KafkaSettings, openKafka } from './connect.ts'

/** Kept for ever, whatever the broker's defaults are. */
const keepAll = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' }
const keepNewest = { 'cleanup.policy': 'compact' }
/** Rolled early, as only closed segments are compacted and the relay reads it at its start. */
const keepCheckpoint = { ...keepNewest, 'segment.bytes': String(1024 * 1024), 'min.cleanable.dirty.ratio': '0.01' }

const wantedTopics = ({ topicPrefix, replication }: KafkaSettings): ITopicConfig[] => {
  const config = ({ name, partitions }: Topic, entries: Readonly<Record<string, string>>): ITopicConfig => ({
    topic: topicPrefix + name,
    numPartitions: partitions,
    replicationFactor: replication,
    configEntries: Object.entries(entries).map(([key, value]) => ({ name: key, value })),
  })
  return [
    ...Object.values(topics).map((topic) => config(topic, keepAll)),
    ...Object.values(stateTopics).map((topic) => config(topic, keepNewest)),
    config(checkpointTopic, keepCheckpoint),
  ]
}

/**
 * Makes the topics that are missing. Retention that an operator changed is left alone.
 * @throws WeConnectError CONFIG_INVALID when one is there with another number of partitions, or when events of it would be compacted away
 */
export const setUpTopics = async (settings: KafkaSettings): Promise<void> => {
  const admin = openKafka(settings).admin()
  await admin.connect()
  try {
    const wanted = wantedTopics(settings)
    const there = new Set(await admin.listTopics())
    const missing = wanted.filter(({ topic }) => !there.has(topic))
    if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: true })
    await checkPartitions(admin, wanted)
    await checkNotCompacted(admin, settings)
  } finally {
    await admin.disconnect()
  }
}

const checkPartitions = async (admin: Admin, wanted: readonly ITopicConfig[]): Promise<void> => {
  const found = await admin.fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) })
  for (const { name, partitions } of found.topics) {
    const count = wanted.find(({ topic }) => topic === name)?.numPartitions
    if (partitions.length === count) continue
    throw new WeConnectError(
      'CONFIG_INVALID',
      `The topic ${name} has ${partitions.length} partitions instead of ${count}: another number would tear streams apart. Use another KAFKA_TOPIC_PREFIX, or remove the topic.`,
    )
  }
}

const checkNotCompacted = async (admin: Admin, { topicPrefix }: KafkaSettings): Promise<void> => {
  const names = Object.values(topics).map(({ name }) => topicPrefix + name)
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name, configNames: ['cleanup.policy'] })),
  })
  for (const { resourceName, configEntries } of resources) {
    if (!configEntries.some(({ configValue }) => configValue.includes('compact'))) continue
    throw new WeConnectError(
      'CONFIG_INVALID',
      `The topic ${resourceName} is compacted, which loses events: set its cleanup.policy to delete.`,
    )
  }
}
