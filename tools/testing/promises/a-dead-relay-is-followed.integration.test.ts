import { familyOf } from '@weconnect/contracts/ids'
import { topics } from '@weconnect/contracts/topics'
import { type Cluster, startCluster } from '@weconnect/testing/cluster'
import { missingEngines, type OwnEngine, ownEngine, testEngine } from '@weconnect/testing/engines'
import { type ClusterLog, openClusterLog } from '@weconnect/testing/promises/cluster-log'
import { hello } from '@weconnect/testing/promises/workflows'
import type { RoleProcess } from '@weconnect/testing/role-process'
import { readByStream, readTopics, type TopicReader, wholeLog, writtenByStream } from '@weconnect/testing/topic-reader'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

/*
 * Two relays in processes of their own: one publishes. It dies with -9, or loses its place while it lives, and the other goes on.
 */
const patience = { timeout: 60_000, interval: 50 }
const startLimitMs = 300_000

const stateOf = async ({ url }: RoleProcess): Promise<string> => {
  const { relay } = (await (await fetch(`${url}/ready`)).json()) as { relay: { state: string } }
  return relay.state
}

describe.skipIf(await missingEngines('kafka', 'registry'))('two relays', () => {
  let kafka: OwnEngine
  let cluster: Cluster
  let log: ClusterLog
  let reader: TopicReader
  let first: RoleProcess
  let second: RoleProcess
  beforeAll(async () => {
    const registry = await testEngine('registry')
    kafka = await ownEngine('kafka')
    cluster = await startCluster({ ...kafka.variables, ...registry.variables })
    const [relay] = await Promise.all([cluster.start('relay'), cluster.start('gateway', 'engine'), cluster.start('webhooks')])
    first = relay
    await vi.waitFor(async () => expect(await stateOf(first)).toBe('running'), patience)
    second = await cluster.start('relay')
    await cluster.activate(hello.file)
    log = await openClusterLog(cluster)
    reader = await readTopics(
      kafka.variables['KAFKA_BROKERS'] ?? '',
      Object.values(topics).map(({ name }) => name),
    )
  }, startLimitMs)
  afterAll(async () => {
    await reader?.close()
    await log?.close()
    await cluster?.remove()
    await kafka?.remove()
  })

  const everyEventOnce = async (): Promise<void> => {
    for (let n = 0; n < 5; n += 1) await expect.poll(async () => (await cluster.deliver(hello.path, { n })).status, patience).toBe(200)
    const wanted = (await wholeLog(log.store)).filter(({ stream }) => Object.hasOwn(topics, familyOf(stream)))
    await reader.until((records) => records.length >= wanted.length)
    expect(readByStream(reader.records)).toEqual(writtenByStream(wanted))
  }
  /** As when the network between them breaks: the process lives and publishes, its session in PostgreSQL is gone. */
  const takeSeatFrom = async (): Promise<void> => {
    const seats = await cluster.pool.query(`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 7305012`)
    expect(seats).toHaveLength(1)
  }

  test('one publishes, the other stands by', async () => {
    await everyEventOnce()
    expect([await stateOf(first), await stateOf(second)]).toEqual(['running', 'standby'])
  })

  test('killed with -9 it is followed by the other, and stands by when it is back', async () => {
    await first.kill9()
    await expect.poll(() => stateOf(second), patience).toBe('running')
    await first.restart()
    await everyEventOnce()
    expect([await stateOf(first), await stateOf(second)]).toEqual(['standby', 'running'])
  })

  test('one that lost its place publishes until the other fences it, and goes on only when that is gone', async () => {
    await takeSeatFrom()
    await everyEventOnce()
    const states = async () => [await stateOf(first), await stateOf(second)]
    // Either may have taken the place anew.
    await expect.poll(async () => (await states()).sort(), patience).toEqual(['running', 'standby'])
    const [active, standby] = (await stateOf(first)) === 'running' ? [first, second] : [second, first]
    await active.kill9()
    await expect.poll(() => stateOf(standby), patience).toBe('running')
    await everyEventOnce()
    await active.restart()
  })

  test('stopped under load it hands over, and nothing is lost or repeated', async () => {
    for (const each of [first, second]) {
      const delivering = everyEventOnce()
      expect(await each.stop()).toBe(0)
      await delivering
      await each.restart()
    }
    await everyEventOnce()
  })
})
