import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ListOffsetTimestamps, Producer, stringSerializers } from '@platformatic/kafka'
import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import { openAdmin } from '@weconnect/kafka/connect'
import { missingEngines, testEngine } from '@weconnect/testing/engines'
import { type Instance, startInstance } from '@weconnect/testing/instance'
import { readLog } from '@weconnect/testing/promises/recorded-log'
import { createTransport } from 'nodemailer'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

const patience = { timeout: 90_000, interval: 100 }

let instance: Instance
beforeAll(async () => {
  instance = await startInstance({ env: { WECONNECT_EGRESS_ALLOW: '127.0.0.1/32' } })
})
afterAll(async () => {
  await instance?.remove()
})

const file = (type: string, typeVersion: number, parameters: JsonObject, credentials?: JsonObject): JsonObject => ({
  name: `Trigger ${randomUUID()}`,
  nodes: [
    {
      id: 't',
      name: 'Trigger',
      type: `n8n-nodes-base.${type}`,
      typeVersion,
      position: [0, 0],
      parameters,
      ...(credentials && { credentials }),
    },
    { id: 'x', name: 'Next', type: 'n8n-nodes-base.noOp', typeVersion: 1, position: [200, 0], parameters: {} },
  ],
  connections: { Trigger: { main: [[{ node: 'Next', type: 'main', index: 0 }]] } },
  settings: { executionOrder: 'v1' },
})
const credential = async (type: string, data: JsonObject): Promise<JsonObject> => {
  const mutation = 'mutation ($input: CreateCredentialInput!) { createCredential(input: $input) { credential { id } } }'
  const { createCredential } = await instance.graphql<{ createCredential: { credential: { id: string } } }>(mutation, {
    input: { name: randomUUID(), type, data },
  })
  return { [type]: { id: createCredential.credential.id, name: 'C' } }
}
/** What the executions of a workflow were given, one list for each, in their order. */
const givenTo = async (workflowId: string): Promise<readonly (readonly Item[])[]> =>
  (await readLog(instance.dataFolder)).flatMap(({ type, data }) =>
    type === 'ExecutionRequested' && data.workflowId === workflowId
      ? [(data.input as unknown as readonly (readonly Item[])[])[0] ?? []]
      : [],
  )
const typesOf = async (workflowId: string): Promise<readonly string[]> => {
  const events = await readLog(instance.dataFolder)
  const registered = events.find(
    ({ type, data }) => type === 'TriggerRegistered' && (data as { workflowId: string }).workflowId === workflowId,
  )
  return events.filter(({ stream }) => stream === registered?.stream).map(({ type }) => type)
}
const deactivate = (workflowId: string) =>
  instance.graphql('mutation ($id: ID!) { deactivateWorkflow(workflowId: $id) { version } }', { id: workflowId })

describe('a feed', () => {
  const entries: string[] = ['old']
  let polls = 0
  let status = 200
  let server: Server
  let url: string
  beforeAll(async () => {
    server = createServer((_, answer) => {
      polls += 1
      const items = entries.map((title) => `<item><title>${title}</title><guid>${title}</guid></item>`).join('')
      answer.writeHead(status, { 'content-type': 'application/rss+xml' })
      answer.end(`<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>${items}</channel></rss>`)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/feed`
  })
  afterAll(() => void server.close())

  const everySecond = { item: [{ mode: 'custom', cronExpression: '* * * * * *' }] }
  const titles = async (workflowId: string) => (await givenTo(workflowId)).flat().map(({ json }) => json['title'])
  const nextPoll = async () => {
    const before = polls
    await vi.waitFor(() => expect(polls).toBeGreaterThan(before + 1), patience)
  }

  test('new entries start the workflow once, whatever dies meanwhile; what was there before it began does not', async () => {
    const workflowId = await instance.activate(file('rssFeedReadTrigger', 1, { feedUrl: url, pollTimes: everySecond }))
    await vi.waitFor(async () => expect(await typesOf(workflowId)).toContain('TriggerAdvanced'), patience)
    const wanted: string[] = []
    for (let n = 0; n < 4; n += 1) {
      wanted.push(`n${n}`)
      entries.unshift(`n${n}`)
      if (n % 2 === 0) await nextPoll()
      await instance.kill9()
      await instance.restart()
    }
    await vi.waitFor(async () => expect(await titles(workflowId)).toHaveLength(wanted.length), patience)
    await nextPoll()
    expect([...(await titles(workflowId))].sort()).toEqual(wanted)
    // Looks without news leave nothing in the log.
    const types = await typesOf(workflowId)
    expect(types.filter((type) => type === 'TriggerAdvanced')).toHaveLength(1)

    status = 500
    await vi.waitFor(async () => expect(await typesOf(workflowId)).toContain('TriggerFailed'), patience)
    status = 200
    await vi.waitFor(async () => expect(await typesOf(workflowId)).toContain('TriggerRecovered'), patience)

    const witness = await instance.activate(file('rssFeedReadTrigger', 1, { feedUrl: url, pollTimes: everySecond }))
    await vi.waitFor(async () => expect(await typesOf(witness)).toContain('TriggerAdvanced'), patience)
    await deactivate(workflowId)
    entries.unshift('late')
    await vi.waitFor(async () => expect(await titles(witness)).toEqual(['late']), patience)
    expect(await titles(workflowId)).not.toContain('late')
    await deactivate(witness)
    expect((await typesOf(workflowId)).at(-1)).toBe('TriggerReleased')
  }, 300_000)
})

const noKafka = await missingEngines('kafka')
describe.skipIf(noKafka)('a topic', () => {
  test('each message is one execution, whatever dies meanwhile; its offset is committed when that is on disk', async () => {
    const { variables } = await testEngine('kafka')
    const brokers = variables['KAFKA_BROKERS'] ?? ''
    const topic = `trigger-${randomUUID()}`
    const admin = openAdmin({ brokers })
    await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1 })
    const producer = new Producer({ clientId: 'test', bootstrapBrokers: brokers.split(','), serializers: stringSerializers })
    let sent = 0
    const send = async (count: number) => {
      const messages = Array.from({ length: count }, () => {
        sent += 1
        return { topic, key: `${sent}`, value: JSON.stringify({ n: sent }), headers: { source: 'test' } }
      })
      await producer.send({ messages })
    }
    // A producer that tries again may write a message twice: each record of the topic is what counts.
    const inTopic = async () => {
      const partitions = [0, 1].map((partitionIndex) => ({ partitionIndex, timestamp: ListOffsetTimestamps.LATEST }))
      const [ends] = await admin.listOffsets({ topics: [{ name: topic, partitions }] })
      return (ends?.partitions ?? []).reduce((sum, { offset }) => sum + Number(offset), 0)
    }
    try {
      await send(20)
      const reference = await credential('kafka', { brokers, ssl: false, authentication: false })
      const parameters = {
        topic,
        groupId: `group-${topic}`,
        options: { jsonParseMessage: true, returnHeaders: true, sessionTimeout: 6000 },
      }
      const workflowId = await instance.activate(file('kafkaTrigger', 1.1, parameters, reference))
      const numbers = async () => (await givenTo(workflowId)).flat().map(({ json }) => (json['message'] as { n: number }).n)
      const sentFirst = await inTopic()
      await vi.waitFor(async () => expect(await numbers()).toHaveLength(sentFirst), patience)
      const [first] = (await givenTo(workflowId))[0] ?? []
      expect(first?.json).toMatchObject({ topic, headers: { source: 'test' }, key: expect.any(String) })
      for (let kill = 0; kill < 3; kill += 1) {
        const before = await inTopic()
        await send(50)
        await vi.waitFor(async () => expect((await numbers()).length).toBeGreaterThan(before), patience)
        await instance.kill9()
        await send(10)
        await instance.restart()
        const all = await inTopic()
        await vi.waitFor(async () => expect((await numbers()).length).toBeGreaterThanOrEqual(all), patience)
      }
      const records = await inTopic()
      const found = await numbers()
      expect(found).toHaveLength(records)
      expect([...new Set(found)].sort((a, b) => a - b)).toEqual(Array.from({ length: sent }, (_, index) => index + 1))
      const groups = [{ groupId: `group-${topic}` }]
      await vi.waitFor(async () => {
        const [group] = await admin.listConsumerGroupOffsets({ groups: groups })
        const committed = group?.topics.flatMap(({ partitions }) => partitions.map(({ committedOffset }) => Number(committedOffset))) ?? []
        expect(committed.reduce((sum, offset) => sum + offset, 0)).toBe(records)
      }, patience)
      await deactivate(workflowId)
    } finally {
      await producer.close()
      await admin.close()
    }
  }, 400_000)
})

const noMail = await missingEngines('imap')
describe.skipIf(noMail)('a mailbox', () => {
  test('each message is one execution, by UIDVALIDITY and UID, with its attachments; it is marked as read', async () => {
    const { variables } = await testEngine('imap')
    const imap = new URL(variables['IMAP_URL'] ?? '')
    const smtp = createTransport({ url: variables['IMAP_SMTP_URL'] })
    const send = (subject: string) =>
      smtp.sendMail({
        ...{ from: 'Bob <bob@example.org>', to: 'ada@example.org', subject, text: `text of ${subject}`, html: `<p>${subject}</p>` },
        attachments: [{ filename: 'a.txt', content: 'attached' }],
      })
    await send('before')
    const reference = await credential('imap', {
      ...{ user: decodeURIComponent(imap.username), password: imap.password, host: '127.0.0.1', port: Number(imap.port), secure: false },
    })
    const workflowId = await instance.activate(file('emailReadImap', 2, { downloadAttachments: true }, reference))
    const subjects = async () => (await givenTo(workflowId)).flat().map(({ json }) => json['subject'])
    await vi.waitFor(async () => expect(await subjects()).toEqual(['before']), patience)
    const [[mail] = []] = await givenTo(workflowId)
    expect(mail?.json).toMatchObject({
      from: '"Bob" <bob@example.org>',
      textPlain: 'text of before',
      textHtml: '<p>before</p>',
      attributes: { uid: 1 },
    })
    expect(Buffer.from(mail?.binary?.['attachment_0']?.data ?? '', 'base64').toString()).toBe('attached')
    const wanted = ['before']
    for (let kill = 0; kill < 2; kill += 1) {
      wanted.push(`live ${kill}`, `down ${kill}`)
      await send(`live ${kill}`)
      await instance.kill9()
      await send(`down ${kill}`)
      await instance.restart()
      await vi.waitFor(async () => expect((await subjects()).length).toBeGreaterThanOrEqual(wanted.length), patience)
    }
    expect(await subjects()).toEqual(wanted)
    await deactivate(workflowId)
  }, 300_000)
})

test('a trigger that cannot look says so, and starts nothing: a private address without leave', async () => {
  const reference = await credential('imap', { user: 'a', password: 'b', host: '10.255.0.1', port: 993 })
  const workflowId = await instance.activate(file('emailReadImap', 2, {}, reference))
  await vi.waitFor(async () => expect(await typesOf(workflowId)).toEqual(['TriggerRegistered', 'TriggerFailed']), patience)
  const failed = (await readLog(instance.dataFolder)).findLast(({ type }) => type === 'TriggerFailed')
  expect(failed?.data).toMatchObject({ code: 'EGRESS_DENIED' })
  await vi.waitFor(async () => {
    const { code, stdout } = await instance.command('triggers', '--json')
    expect([code, JSON.parse(stdout)]).toMatchObject([1, [{ name: 'Trigger', kind: 'mail', failure: { code: 'EGRESS_DENIED' } }]])
  }, patience)
  await deactivate(workflowId)
})
