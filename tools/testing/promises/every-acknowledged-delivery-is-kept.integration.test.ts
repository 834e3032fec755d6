import { setTimeout as sleep } from 'node:timers/promises'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { type Instance, startInstance } from '@weconnect/testing/instance'
import { type Delivery, sendDeliveries } from '@weconnect/testing/promises/deliveries'
import { type Ledger, openLedger } from '@weconnect/testing/promises/ledger'
import {
  deliveryOf,
  endingsOf,
  executionsIn,
  openExecutionsIn,
  type RecordedEvent,
  readLog,
} from '@weconnect/testing/promises/recorded-log'
import { effects, hello, later } from '@weconnect/testing/promises/workflows'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const kills = process.env['WECONNECT_LONG'] === '1' ? 50 : 8
const reachesItsEndWithinMs = 5_000

let ledger: Ledger
let instance: Instance
beforeAll(async () => {
  ledger = await openLedger(() => Math.random() * 40)
  instance = await startInstance({ env: { WECONNECT_EGRESS_ALLOW: '127.0.0.1/32' } })
})
afterAll(async () => {
  await instance?.remove()
  await ledger?.close()
})

const isAcknowledged = ({ status }: Delivery): boolean => status !== undefined && status >= 200 && status < 300

/** Killed at any instant after some deliveries more were acknowledged, every third time while it starts again. @returns milliseconds of the starts that were let be */
const killAtRandom = async (sent: readonly Delivery[]): Promise<readonly number[]> => {
  const restarts: number[] = []
  for (let kill = 0; kill < kills; kill += 1) {
    if (kill % 3 === 2) await killWhileStarting()
    else {
      const before = sent.filter(isAcknowledged).length
      await vi.waitFor(() => expect(sent.filter(isAcknowledged).length).toBeGreaterThan(before + 15), { timeout: 60_000, interval: 5 })
      await sleep(50 + Math.random() * 600)
      await instance.kill9()
    }
    if (kill % 3 !== 1 || kill === kills - 1) restarts.push(await instance.restart())
  }
  return restarts
}

/** It is down when this is called, and afterwards. */
const killWhileStarting = async (): Promise<void> => {
  const starting = instance.restart().catch(() => undefined)
  await sleep(100 + Math.random() * 1_500)
  await instance.kill9()
  await starting
}

/** @param readyAt on the clock of performance.now() */
const untilAllEnded = async (readyAt: number): Promise<number> => {
  const store = openEmbeddedEventStore({ folder: instance.dataFolder, readOnly: true })
  try {
    const timeout = reachesItsEndWithinMs - (performance.now() - readyAt)
    await vi.waitFor(async () => expect(await openExecutionsIn(store)).toEqual([]), { timeout, interval: 10 })
    return performance.now() - readyAt
  } finally {
    await store.close()
  }
}

/** Steps of which something is recorded after they were recorded as completed. */
const stepsRunAgain = (events: readonly RecordedEvent[]): readonly string[] => {
  const completed = new Set<number>()
  const again: string[] = []
  for (const { type, data, stream } of events) {
    if (type !== 'StepStarted' && type !== 'StepCompleted' && type !== 'StepFailed') continue
    if (completed.has(data.step)) again.push(`${stream} ${type} ${data.nodeName}`)
    if (type === 'StepCompleted') completed.add(data.step)
  }
  return again
}

type ByDelivery = ReadonlyMap<string, readonly [id: string, events: readonly RecordedEvent[]][]>

/** Calls to the ledger that came although their step was recorded as completed before. */
const callsAfterCompletion = (executions: ByDelivery): readonly string[] =>
  ledger.entries
    .filter(({ step, delivery, at }) =>
      executions
        .get(delivery)
        ?.flatMap(([, events]) => events)
        .some(({ type, data, time }) => type === 'StepCompleted' && data.nodeName.toLowerCase() === step && Date.parse(time) < at),
    )
    .map(({ step, delivery }) => `${delivery} ${step}`)

/** Every start of a step is in its stream before the call is made, so that there are never more calls than starts. */
const callsWithoutStart = (executions: ByDelivery): readonly string[] =>
  [...Map.groupBy(ledger.entries, ({ step, delivery }) => `${delivery} ${step}`)]
    .filter(([, entries]) => {
      const { step, delivery } = entries[0]!
      const events = executions.get(delivery)?.flatMap(([, recorded]) => recorded) ?? []
      return entries.length > events.filter(({ type, data }) => type === 'StepStarted' && data.nodeName.toLowerCase() === step).length
    })
    .map(([key]) => key)

const deliveriesNotCalled = (step: string, acknowledged: readonly Delivery[]): readonly string[] => {
  const called = new Set(ledger.entries.filter((entry) => entry.step === step).map(({ delivery }) => delivery))
  return acknowledged.filter(({ id, path }) => path.startsWith('effects') && !called.has(id)).map(({ id }) => id)
}

test(`${kills} times killed with -9 under load, nothing acknowledged is lost and nothing recorded as done runs again`, async () => {
  const workflows = [hello, later, effects('effects', ledger.url, 'onReceived'), effects('effects-answered', ledger.url, 'responseNode')]
  for (const { file } of workflows) await instance.activate(file)
  const sender = sendDeliveries(instance, { paths: workflows.map(({ path }) => path), connections: 12, pauseMs: 5 })
  const restarts = await killAtRandom(sender.sent)
  const readyAt = performance.now()
  await sender.stop()
  const endedMs = await untilAllEnded(readyAt)

  const executions = executionsIn(await readLog(instance.dataFolder))
  const byDelivery = Map.groupBy([...executions], ([, events]) => deliveryOf(events))
  const acknowledged = sender.sent.filter(isAcknowledged)
  console.log(
    `${sender.sent.length} deliveries, ${acknowledged.length} acknowledged, ${executions.size} executions; restarts ready in ` +
      `${restarts.map((ms) => Math.round(ms)).join(', ')} ms; all ended ${Math.round(endedMs)} ms after the last`,
  )

  expect(acknowledged.length).toBeGreaterThan(kills * 10)
  expect(acknowledged.filter(({ id }) => byDelivery.get(id)?.length !== 1)).toEqual([])
  expect([...byDelivery].filter(([, streams]) => streams.length !== 1).map(([id]) => id)).toEqual([])
  expect([...executions].filter(([, events]) => endingsOf(events).length !== 1).map(([id]) => id)).toEqual([])
  expect(new Set([...executions.values()].flatMap(endingsOf))).toEqual(new Set(['ExecutionCompleted']))

  expect([...executions.values()].flatMap(stepsRunAgain)).toEqual([])
  expect(callsAfterCompletion(byDelivery)).toEqual([])
  expect(callsWithoutStart(byDelivery)).toEqual([])
  for (const step of ['first', 'second']) expect(deliveriesNotCalled(step, acknowledged)).toEqual([])
  expect([...executions.values()].flat().some(({ type }) => type === 'ExecutionClaimed')).toBe(true)

  expect(await instance.command('verify')).toMatchObject({ code: 0 })
  expect(instance.output().match(/adopted the PostgreSQL/g)?.length).toBeGreaterThanOrEqual(restarts.length)
})
