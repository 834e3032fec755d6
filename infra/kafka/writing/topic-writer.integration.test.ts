import { randomUUID } from 'node:crypto'
import { topics } from '@weconnect/contracts/topics'
import { missingEngines, type OwnEngine, ownEngine } from '@weconnect/testing/engines'
import { readTopics } from '@weconnect/testing/topic-reader'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KafkaSettings } from '../connect.ts'
import { TakenOver, type TopicMessage, type TopicWriter } from '../port.ts'
import { setUpTopics } from '../topic-setup.ts'
import { openTopicWriter } from './topic-writer.ts'

const perPartition = 20
const keys = topics.execution.partitions * perPartition

describe.skipIf(await missingEngines('kafka'))('a writer of topics', () => {
  let kafka: OwnEngine
  beforeAll(async () => {
    kafka = await ownEngine('kafka')
  })
  afterAll(() => kafka?.remove())

  const newSettings = async (): Promise<KafkaSettings> => {
    const settings = { brokers: kafka.variables['KAFKA_BROKERS'] ?? '', registryUrl: '', topicPrefix: `${randomUUID()}.`, replication: -1 }
    await setUpTopics(settings)
    return settings
  }
  const topicOf = (settings: KafkaSettings): string => settings.topicPrefix + topics.execution.name
  const messages = (settings: KafkaSettings, batch: string, count = keys): readonly TopicMessage[] =>
    Array.from({ length: count }, (_, index) => ({
      topic: topicOf(settings),
      key: `execution-${index}`,
      value: Buffer.from(`${batch} ${index}`),
      headers: { batch, name: 'ä€😀' },
    }))
  const writer = (settings: KafkaSettings, relayId: string, wasActive = false): TopicWriter =>
    openTopicWriter({ settings, logId: 'log', relayId, wasActive })
  const publish = (to: TopicWriter, all: readonly TopicMessage[], end: string): Promise<void> => {
    const batch = to.newBatch()
    for (const message of all) batch.add(message)
    return to.publish(batch, end)
  }
  const opened = async (
    settings: KafkaSettings,
    relayId: string,
    wasActive: boolean,
  ): Promise<{ writer: TopicWriter; position: string | undefined }> => {
    for (const limit = performance.now() + 90_000; ; ) {
      const next = writer(settings, relayId, wasActive)
      try {
        return { writer: next, position: await next.open() }
      } catch (error) {
        await next.close()
        if (performance.now() > limit || error instanceof TakenOver) throw error
      }
    }
  }

  test('a commit that was decided when the broker was killed is seen by readers of committed records, in all partitions and once', async () => {
    const settings = await newSettings()
    const { writer: first } = await opened(settings, 'relay', false)
    await publish(first, messages(settings, 'first'), 'log-1')
    // The answer says that it is decided; the partitions are told after it, and the broker does not live to do that.
    await kafka.kill9()
    await expect(first.lost).rejects.toThrow(/was lost/)
    await expect(publish(first, messages(settings, 'never', 1), 'log-2')).rejects.toThrow()
    await first.close()
    await kafka.start()
    const { writer: second, position } = await opened(settings, 'relay', true)
    expect(position).toBe('log-1')
    // Touches one partition only: the others do not get their end with it.
    await publish(second, messages(settings, 'second', 1), 'log-2')
    const reader = await readTopics(settings.brokers, [topicOf(settings)])
    await reader.until((records) => records.length >= keys + 1)
    expect(reader.records.map(({ value }) => value.toString()).sort()).toEqual(
      [...messages(settings, 'first'), ...messages(settings, 'second', 1)].map(({ value }) => value.toString()).sort(),
    )
    expect(reader.records[0]?.headers).toEqual({ batch: 'first', name: 'ä€😀' })
    await reader.close()
    await second.close()
  })

  test('what was not committed when its writer went away is never seen; who opened later fences it for good', async () => {
    const settings = await newSettings()
    const { writer: first } = await opened(settings, 'first', false)
    await publish(first, messages(settings, 'one', 1), 'log-1')
    const { writer: second, position } = await opened(settings, 'second', false)
    expect(position).toBe('log-1')
    await expect(publish(first, messages(settings, 'fenced'), 'log-2')).rejects.toThrow(TakenOver)
    await expect(opened(settings, 'first', true)).rejects.toThrow(/relay second took over/)
    await publish(second, messages(settings, 'two', 1), 'log-2')
    const reader = await readTopics(settings.brokers, [topicOf(settings)])
    await reader.until((records) => records.length >= 2)
    expect(reader.records.map(({ value }) => value.toString())).toEqual(['one 0', 'two 0'])
    await reader.close()
    await first.close()
    await second.close()
  })

  test('more than fits into one request of a partition is still one transaction, in order', async () => {
    const settings = await newSettings()
    const { writer: only } = await opened(settings, 'relay', false)
    const large = Array.from({ length: 30 }, (_, index) => ({
      topic: topicOf(settings),
      key: 'execution-1',
      value: Buffer.alloc(100_000, String(index % 10)),
      headers: { index: String(index) },
    }))
    await publish(only, large, 'log-30')
    const reader = await readTopics(settings.brokers, [topicOf(settings)])
    await reader.until((records) => records.length >= 30)
    expect(reader.records.map(({ headers }) => headers['index'])).toEqual(large.map(({ headers }) => headers.index))
    await reader.close()
    await only.close()
  })
})
