import { randomUUID } from 'node:crypto'
import { Consumer } from '@platformatic/kafka'
import { topics } from '@weconnect/contracts/topics'
import { missingEngines, type OwnEngine, ownEngine } from '@weconnect/testing/engines'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { brokerList, type KafkaSettings, openAdmin } from '../connect.ts'
import { setUpTopics } from '../topic-setup.ts'
import { openTopicGroup } from './topic-group.ts'

const patience = { timeout: 90_000, interval: 100 }

describe.skipIf(await missingEngines('kafka'))('a member of a consumer group', () => {
  let kafka: OwnEngine
  let settings: KafkaSettings
  beforeAll(async () => {
    kafka = await ownEngine('kafka')
    settings = { brokers: kafka.variables['KAFKA_BROKERS'] ?? '', registryUrl: '', topicPrefix: '', replication: -1 }
    await setUpTopics(settings)
  })
  afterAll(() => kafka?.remove())

  const look = async (groupId: string): Promise<{ readonly state: string; readonly members: number }> => {
    const admin = openAdmin(settings)
    try {
      const group = (await admin.describeGroups({ groups: [groupId] })).get(groupId)
      return { state: group?.state ?? '', members: group?.members.size ?? 0 }
    } finally {
      await admin.close()
    }
  }

  test('that lost the broker while it joined does not stay behind in the group', async () => {
    const groupId = randomUUID()
    const topic = topics.execution.name
    const slow = new Consumer({ clientId: 'slow', groupId, bootstrapBrokers: brokerList(settings.brokers), autocommit: false })
    slow.on('error', () => {})
    slow.topics.track(topic)
    // Hears only after long that the group waits for it.
    await slow.joinGroup({ sessionTimeout: 20_000, heartbeatInterval: 18_000, rebalanceTimeout: 20_000 })
    const joining = openTopicGroup(settings, groupId, [topic]).then(
      (group) => group.close(),
      () => undefined,
    )
    await expect.poll(async () => (await look(groupId)).state, patience).toBe('PreparingRebalance')
    await kafka.kill9()
    await slow.close(true)
    await kafka.start()
    await joining
    await expect.poll(async () => (await look(groupId)).members, patience).toBe(0)
  }, 300_000)
})
