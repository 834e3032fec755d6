import { type Admin, ConfigResourceTypes, findErrorBy } from '@platformatic/kafka'
import { WeConnectError } from '@weconnect/contracts/errors'
import { checkpointTopic, stateTopics, type Topic, topics } from '@weconnect/contracts/topics'
import { type KafkaSettings, openAdmin } from './connect.ts'
import { patiently } from './patience.ts'

/** Kept for ever, whatever the broker's defaults are. */
const keepAll = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' }
const keepNewest = { 'cleanup.policy': 'compact' }
/** Rolled early, as only closed segments are compacted and the relay reads it at its start. */
const keepCheckpoint = { ...keepNewest, 'segment.bytes': String(1024 * 1024), 'min.cleanable.dirty.ratio': '0.01' }

interface WantedTopic {
  readonly topic: string
  readonly partitions: number
  readonly configs: { readonly name: string; readonly value: string }[]
}

const wantedTopics = ({ topicPrefix }: KafkaSettings): readonly WantedTopic[] => {
  const wanted = ({ name, partitions }: Topic, entries: Readonly<Record<string, string>>): WantedTopic => ({
    topic: topicPrefix + name,
    partitions,
    configs: Object.entries(entries).map(([name, value]) => ({ name, value })),
  })
  return [
    ...Object.values(topics).map((topic) => wanted(topic, keepAll)),
    ...Object.values(stateTopics).map((topic) => wanted(topic, keepNewest)),
    wanted(checkpointTopic, keepCheckpoint),
  ]
}

/**
 * Makes the topics that are missing. Retention that an operator changed is left alone.
 * @throws WeConnectError CONFIG_INVALID when one is there with another number of partitions, or when events of it would be compacted away
 */
export const setUpTopics = async (settings: KafkaSettings): Promise<void> => {
  const admin = openAdmin(settings)
  try {
    const wanted = wantedTopics(settings)
    const there = new Set(await admin.listTopics())
    for (const { topic, partitions, configs } of wanted.filter(({ topic }) => !there.has(topic)))
      await unlessThere(admin.createTopics({ topics: [topic], partitions, replicas: settings.replication, configs }))
    await checkPartitions(admin, wanted)
    await checkNotCompacted(admin, settings)
  } finally {
    await admin.close()
  }
}

/** Another process may have made it meanwhile. */
const unlessThere = (made: Promise<unknown>): Promise<unknown> =>
  made.catch((error: unknown) => {
    if (!(error instanceof Error) || findErrorBy(error, 'apiId', 'TOPIC_ALREADY_EXISTS') === null) throw error
  })

const checkPartitions = async (admin: Admin, wanted: readonly WantedTopic[]): Promise<void> => {
  const found = await patiently(
    () =>
      withLeaders(
        admin,
        wanted.map(({ topic }) => topic),
      ),
    isNotYet,
  )
  for (const { topic, partitions } of wanted) {
    const count = found.get(topic)?.partitionsCount
    if (partitions === count) continue
    throw new WeConnectError(
      'CONFIG_INVALID',
      `The topic ${topic} has ${count} partitions instead of ${partitions}: another number would tear streams apart. Use another KAFKA_TOPIC_PREFIX, or remove the topic.`,
    )
  }
}

class NotYet extends Error {}

/** A new topic is known to all brokers, with leaders, a moment after it was made. */
const withLeaders = async (admin: Admin, names: string[]) => {
  const { topics: found } = await admin.metadata({ topics: names, forceUpdate: true })
  for (const name of names)
    if (!found.get(name)?.partitions.every(({ leader }) => leader >= 0)) throw new NotYet(`partitions of ${name} have no leader`)
  return found
}
const isNotYet = (error: unknown): boolean =>
  error instanceof NotYet || (error instanceof Error && notYet.some((code) => findErrorBy(error, 'apiId', code) !== null))
const notYet = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']

const checkNotCompacted = async (admin: Admin, { topicPrefix }: KafkaSettings): Promise<void> => {
  const names = Object.values(topics).map(({ name }) => topicPrefix + name)
  const found = await admin.describeConfigs({
    resources: names.map((resourceName) => ({
      resourceType: ConfigResourceTypes.TOPIC,
      resourceName,
      configurationKeys: ['cleanup.policy'],
    })),
  })
  for (const { resourceName, configs } of found) {
    if (!configs.some(({ value }) => value?.includes('compact'))) continue
    throw new WeConnectError(
      'CONFIG_INVALID',
      `The topic ${resourceName} is compacted, which loses events: set its cleanup.policy to delete.`,
    )
  }
}
