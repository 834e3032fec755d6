import type { JsonObject } from '@weconnect/contracts/json'
import type { GroupRecord, GroupSource } from '@weconnect/kafka/group-consumer'
import type { KafkaListening, ReceivedRecord } from '@weconnect/nodes/sdk/listening'
import { begin, checkLive } from './begin.ts'
import { executionIdOf } from './ids.ts'
import { credentialOf, type Looking, type LookParts } from './looking.ts'

const mechanisms = { plain: 'PLAIN', 'scram-sha-256': 'SCRAM-SHA-256', 'scram-sha-512': 'SCRAM-SHA-512' } as const

const sourceOf = (settings: JsonObject, { topic, groupId, from, sessionTimeoutMs, maxBytes }: KafkaListening): GroupSource => {
  const text = (name: string): string => String(settings[name] ?? '')
  const mechanism = mechanisms[text('saslMechanism') as keyof typeof mechanisms] ?? 'PLAIN'
  return {
    brokers: text('brokers'),
    clientId: text('clientId') || 'weconnect',
    tls: settings['ssl'] !== false,
    ...(settings['authentication'] === true && { sasl: { mechanism, username: text('username'), password: text('password') } }),
    ...{ topic, groupId, from, sessionTimeoutMs, maxBytes },
  }
}

const receivedOf = ({ topic, partition, offset, timestampMs, key, value, headers }: GroupRecord): ReceivedRecord => ({
  ...{ topic, partition, offset: String(offset), timestamp: new Date(timestampMs).toISOString() },
  key: key?.toString() ?? null,
  value: value.toString(),
  headers: Object.fromEntries([...headers].map(([name, content]) => [name.toString(), content.toString()])),
})

/** An execution for each message of a topic; its offset is committed when that is on disk. Resolves when `signal` aborts. */
export const readTopic = async (parts: LookParts, description: KafkaListening, looking: Looking): Promise<void> => {
  const { spec, asked, signal, ready } = looking
  const source = sourceOf(await credentialOf(parts, looking, 'kafka'), description)
  const take = async (record: GroupRecord): Promise<void> => {
    await checkLive(parts, spec)
    const item = asked.type.received?.({ kind: 'kafka', record: receivedOf(record) }, asked.parameters, asked.node.typeVersion) ?? {
      json: {},
    }
    const { topicId, topic, partition, offset } = record
    const executionId = executionIdOf(spec.triggerId, `${topicId}/${partition}/${offset}`)
    await begin(parts, spec, { executionId, version: spec.version, items: [item], deliveryId: `${topic}/${partition}/${offset}` })
  }
  await checkLive(parts, spec)
  await parts.consumeGroup(source, { take, ready }, signal)
}
