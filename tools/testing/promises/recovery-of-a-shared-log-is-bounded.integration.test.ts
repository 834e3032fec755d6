import { randomUUID } from 'node:crypto'
import { openKept } from '@weconnect/blobs/kept'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { openJournal } from '@weconnect/eventstore/open-journal'
import { type Cluster, startCluster } from '@weconnect/testing/cluster'
import { openClusterLog } from '@weconnect/testing/promises/cluster-log'
import { type Ledger, openLedger } from '@weconnect/testing/promises/ledger'
import { onlyExecution, repeatExecution } from '@weconnect/testing/promises/many-executions'
import { allEvents, endingsOf, executionsIn } from '@weconnect/testing/promises/recorded-log'
import { effects, hello } from '@weconnect/testing/promises/workflows'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const long = process.env['WECONNECT_LONG'] === '1'
const finished = long ? 1_000_000 : 2_000
const open = 12
/** The promise is two seconds; a busy machine that tests many things at a time may be late. */
const resumedWithinMs = long ? 2_000 : 20_000
const foldLimitMs = long ? 3_600_000 : 120_000

let ledger: Ledger
let cluster: Cluster
let answerAfterMs = 600_000
beforeAll(async () => {
  ledger = await openLedger(() => answerAfterMs)
  cluster = await startCluster({ WECONNECT_EGRESS_ALLOW: '127.0.0.1/32' })
}, foldLimitMs)
afterAll(async () => {
  await cluster?.remove()
  await ledger?.close()
})

/** Writes to the log while nobody serves it: over the network this would take most of the time. */
const writeMany = async (): Promise<number> => {
  const { env, database, eventStore } = cluster
  const served = await openClusterLog(cluster)
  const model = onlyExecution(await allEvents(served.journal))
  await served.close()
  await eventStore.stop()
  const store = openEmbeddedEventStore({ folder: eventStore.folder })
  const kept = await openKept({ keys: { masterKey: env['WECONNECT_MASTER_KEY'] ?? '' }, blobs: { database } })
  try {
    await repeatExecution(openJournal({ ...kept, store, now: () => new Date().toISOString(), newId: randomUUID }), model, finished)
  } finally {
    await kept.close()
    await store.close()
  }
  await eventStore.restart()
  return model.length
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now()
  await work()
  return Math.round(performance.now() - began)
}

test(
  `with ${finished} finished executions in a log that processes share, a new engine takes over within ${resumedWithinMs} ms of its start`,
  async () => {
    const gateway = await cluster.start('gateway')
    const door = await cluster.start('webhooks')
    const engine = await cluster.start('engine')
    const held = effects('held', ledger.url, 'onReceived')
    for (const { file } of [hello, held]) await cluster.activate(file)
    await expect.poll(async () => (await cluster.deliver(hello.path, { n: 1 })).status, { timeout: 60_000 }).toBe(200)
    for (const one of [gateway, door, engine]) await one.stop()
    const events = await writeMany()

    const foldedMs = await timed(() => engine.restart(foldLimitMs))
    const doorMs = await timed(() => door.restart(foldLimitMs))
    const log = await openClusterLog(cluster)
    const before = await log.journal.head()
    for (let number = 0; number < open; number += 1)
      expect((await cluster.deliver(held.path, { delivery: `open-${number}` })).status).toBe(200)
    await vi.waitFor(() => expect(ledger.entries).toHaveLength(open), { timeout: 60_000 })
    await engine.kill9()
    answerAfterMs = 0

    const readyMs = await timed(() => engine.restart())
    const resumedMs = await timed(() =>
      vi.waitFor(() => expect(ledger.entries.length).toBeGreaterThanOrEqual(2 * open), { timeout: resumedWithinMs, interval: 5 }),
    )
    console.log(
      `${finished} executions of ${events} events written while nobody looked: the first engine had read them after ${foldedMs} ms, webhooks after ${doorMs} ms; ` +
        `killed, an engine was ready after ${readyMs} ms and had resumed ${open} executions ${resumedMs} ms later`,
    )
    try {
      const ended = async (): Promise<readonly string[]> =>
        [...executionsIn(await allEvents(log.journal, before)).values()].flatMap((recorded) => endingsOf(recorded))
      await vi.waitFor(async () => expect(await ended()).toEqual(Array(open).fill('ExecutionCompleted')), {
        timeout: 60_000,
        interval: 100,
      })
    } finally {
      await log.close()
    }
  },
  2 * foldLimitMs,
)
