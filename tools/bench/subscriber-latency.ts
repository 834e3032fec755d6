import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { topics } from '@weconnect/contracts/topics'
import { engines } from '@weconnect/engines/catalogue'
import { forgetEngine, startEngine } from '@weconnect/engines/running'
import { createClient } from 'graphql-ws'
import { Kafka, logLevel } from 'kafkajs'
import { type HeardAfter, heardAfter, type Listener, listener, since } from './heard.ts'
import { activate, newFolder, type Product, startProduct } from './product.ts'
import { openWatcher } from './socket-watcher.ts'
import { runSteadyLoad } from './steady-load.ts'
import { w1 } from './workflows.ts'

export interface W9 {
  readonly executionsPerSecond: number
  /** Answered with 2xx; from when the call was due until its answer. */
  readonly answered: number
  readonly answerP50Ms: number
  readonly answerP99Ms: number
  /** Begin and end of executions over one GraphQL subscription: from the time in the event, which is before its append, until the message came. */
  readonly subscriberMessages: number
  readonly subscriberP50Ms: number
  readonly subscriberP99Ms: number
  /** All events of executions, to a consumer of the topic that reads committed records: from the same time. */
  readonly topicRecords: number
  readonly topicP50Ms: number
  readonly topicP99Ms: number
  /** What 20 more executions a second do after they waited for a second, to a socket.io client that watches each (`execution_update`): from the same time. */
  readonly socketMessages: number
  readonly socketP50Ms: number
  readonly socketP99Ms: number
  /** Of the machine before the load, its last minute. */
  readonly loadAverageBefore: number
}

const executionsPerSecond = 500
const connections = 64
const warmUpSeconds = 10
const settleLimitMs = 60_000

/** W9: how long from an append until others hear of it, under a steady load. Starts a broker and a registry of its own. */
export const measureW9 = async (seconds: number, say: (text: string) => void): Promise<W9> => {
  const { folder, data } = newFolder()
  try {
    const loadAverageBefore = loadavg()[0] ?? 0
    const kafka = await startEngine(engines.kafka, join(folder, 'kafka'), say)
    const registry = await startEngine(engines.registry, join(folder, 'registry'), say)
    const product = await startProduct(data, { ...kafka.variables, ...registry.variables })
    try {
      return { ...(await measure(product, kafka.variables['KAFKA_BROKERS'] ?? '', seconds, say)), loadAverageBefore }
    } finally {
      await product.stop()
    }
  } finally {
    await forgetEngine(join(folder, 'kafka'))
    await forgetEngine(join(folder, 'registry'))
    rmSync(folder, { recursive: true, force: true })
  }
}

const measure = async (
  product: Product,
  brokers: string,
  seconds: number,
  say: (text: string) => void,
): Promise<Omit<W9, 'loadAverageBefore'>> => {
  const workflowId = await activate(product, w1.file)
  const subscriber = subscribe(product, workflowId)
  const watcher = await openWatcher(product)
  const consumer = await consume(brokers)
  const load = { port: product.port, path: w1.path, body: w1.body, perSecond: executionsPerSecond, connections }
  say(`W9, ${executionsPerSecond} calls a second, ${warmUpSeconds} s to warm up`)
  await runSteadyLoad({ ...load, seconds: warmUpSeconds })
  say(`W9, ${seconds} s`)
  const from = Date.now()
  const [answers] = await Promise.all([runSteadyLoad({ ...load, seconds }), watcher.run(seconds)])
  const ended = ({ ends }: Listener): number => since(ends, from).length
  await until(() => watcher.open() === 0 && ended(subscriber) >= answers.requests)
  await until(() => ended(consumer) >= answers.requests + ended(watcher))
  for (const one of [subscriber, watcher]) one.close()
  await consumer.close()
  const heard = ({ seen }: Listener): HeardAfter => heardAfter(seen, from)
  const [messages, records, updates] = [heard(subscriber), heard(consumer), heard(watcher)]
  return {
    executionsPerSecond,
    answered: answers.requests,
    ...{ answerP50Ms: answers.p50Ms, answerP99Ms: answers.p99Ms },
    ...{ subscriberMessages: messages.count, subscriberP50Ms: messages.p50Ms, subscriberP99Ms: messages.p99Ms },
    ...{ topicRecords: records.count, topicP50Ms: records.p50Ms, topicP99Ms: records.p99Ms },
    ...{ socketMessages: updates.count, socketP50Ms: updates.p50Ms, socketP99Ms: updates.p99Ms },
  }
}

const until = async (isSo: () => boolean): Promise<void> => {
  const limit = performance.now() + settleLimitMs
  while (!isSo()) {
    if (performance.now() > limit) throw new Error('W9: not everything was heard of')
    await sleep(50)
  }
}

const subscribe = ({ port, token }: Product, workflowId: string): Listener & { close(): void } => {
  const { seen, ends, note } = listener()
  const client = createClient({ url: `ws://127.0.0.1:${port}/graphql`, connectionParams: { authorization: `Bearer ${token}` } })
  client.subscribe<{ executions: { type: string; time: string } }>(
    {
      query: 'subscription ($workflowId: ID!) { executions(filter: { workflowId: $workflowId }) { type time } }',
      variables: { workflowId },
    },
    {
      next: ({ data }) => data && note(data.executions.type, data.executions.time),
      error: (error) => console.error('W9: the subscription ended', error),
      complete: () => {},
    },
  )
  return { seen, ends, close: () => void client.dispose() }
}

/** A plain consumer of another client than the product's. */
const consume = async (brokers: string): Promise<Listener & { close(): Promise<void> }> => {
  const { seen, ends, note } = listener()
  const kafka = new Kafka({ clientId: 'bench', brokers: brokers.split(','), logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId: `bench-${randomUUID()}`, maxWaitTimeInMs: 100 })
  await consumer.connect()
  await consumer.subscribe({ topics: [topics.execution.name], fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const { headers } of batch.messages) note(String(headers?.['type']), String(headers?.['time']))
    },
  })
  return { seen, ends, close: () => consumer.disconnect() }
}
