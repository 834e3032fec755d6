import { setTimeout as sleep } from 'node:timers/promises'
import { missingEngines, type OwnEngine, ownEngine } from '@weconnect/testing/engines'
import { type Instance, runCommand, startInstance } from '@weconnect/testing/instance'
import { type MeiliServer, startMeiliServer } from '@weconnect/testing/meilisearch/server'
import { sendDeliveries } from '@weconnect/testing/promises/deliveries'
import { caughtUp, projectionsOf } from '@weconnect/testing/promises/tables'
import { failing, hello, later } from '@weconnect/testing/promises/workflows'
import { contentOfStores } from '@weconnect/testing/stores-content'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

const kills = process.env['WECONNECT_LONG'] === '1' ? 15 : 3
const limits = { timeout: 60_000, interval: 100 }

describe.skipIf(await missingEngines('mongo', 'influx'))('read models that other servers keep', () => {
  let mongo: OwnEngine
  let influx: OwnEngine
  let meili: MeiliServer
  let instance: Instance
  beforeAll(async () => {
    mongo = await ownEngine('mongo')
    influx = await ownEngine('influx')
    meili = await startMeiliServer()
    instance = await startInstance({ env: { ...mongo.variables, ...influx.variables, MEILI_URL: meili.url, MEILI_API_KEY: meili.apiKey } })
  })
  afterAll(async () => {
    await instance?.remove()
    await mongo?.remove()
    await influx?.remove()
    await meili?.stop()
  })

  const content = () => contentOfStores({ ...mongo.variables, ...influx.variables }, meili)
  const rebuilt = async (name: string): Promise<void> => {
    await instance.graphql('mutation ($name: String!) { rebuildProjection(name: $name) { projection { name } } }', { name })
    await caughtUp(instance)
  }
  const ready = async (): Promise<{ status: number; body: { ready: boolean; unreachable?: Record<string, string> } }> => {
    const answer = await fetch(`${instance.url()}/ready`)
    return { status: answer.status, body: (await answer.json()) as { ready: boolean } }
  }

  test('killed in the middle again and again, they equal a fresh rebuild', async () => {
    for (const { file } of [hello, later, failing]) await instance.activate(file)
    const sender = sendDeliveries(instance, { paths: [hello.path, later.path, failing.path], connections: 6, pauseMs: 2 })
    for (let kill = 0; kill < kills; kill += 1) {
      await sleep(300 + Math.random() * 700)
      await instance.kill9()
      await instance.restart()
    }
    await sender.stop()
    await caughtUp(instance)
    const live = await content()
    expect(live.runLogs.length).toBeGreaterThan(20)
    expect(live.search.length).toBeGreaterThan(10)
    expect(live.points.length).toBeGreaterThan(100)
    for (const name of ['run-logs', 'search', 'performance-metrics']) await rebuilt(name)
    expect(await content()).toEqual(live)
  }, 600_000)

  test('a server that is gone holds nobody up; /ready names it; back without its data, it is filled again', async () => {
    const before = (await content()).runLogs
    await mongo.kill9()
    await meili.stop()
    await influx.kill9()
    const statuses: number[] = []
    for (let n = 0; n < 20; n += 1) statuses.push((await instance.deliver(hello.path, { n })).status)
    expect(new Set(statuses)).toEqual(new Set([200]))
    await vi.waitFor(async () => expect((await ready()).body.unreachable?.['run-logs']).toContain('MONGODB_URL'), limits)
    await vi.waitFor(async () => expect((await ready()).body.unreachable?.['search']).toContain('MEILI_URL'), limits)
    await vi.waitFor(async () => expect((await ready()).body.unreachable?.['performance-metrics']).toContain('INFLUX_URL'), limits)
    expect(await ready()).toMatchObject({ status: 200, body: { ready: true } })
    expect((await projectionsOf(instance)).find(({ name }) => name === 'run-logs')).toMatchObject({ status: 'waiting' })
    const query = 'query ($id: ID!) { runLog(executionId: $id) { entries } }'
    await expect(instance.graphql(query, { id: '00000000-0000-4000-8000-000000000001' })).rejects.toThrow(/MongoDB/)
    await expect(instance.graphql('{ search(query: "hello") { id } }')).rejects.toThrow(/MeiliSearch/)
    await mongo.start()
    await meili.start()
    await influx.start()
    await vi.waitFor(async () => expect((await ready()).body).not.toHaveProperty('unreachable'), limits)
    await caughtUp(instance)
    const after = (await content()).runLogs
    expect(after.length).toBe(before.length + 20)
    expect(after).toEqual(expect.arrayContaining([before[0], before.at(-1)]))
  })

  test.each([
    ['nobody there', { MONGODB_URL: 'mongodb://127.0.0.1:1/weconnect' }, /MONGODB_URL=.*no MongoDB answers.*unset it/],
    ['no address of MongoDB', { MONGODB_URL: 'http://127.0.0.1:1' }, /MONGODB_URL must be mongodb:\/\//],
    ['no InfluxDB', { INFLUX_URL: 'http://127.0.0.1:1' }, /INFLUX_URL=.*no InfluxDB answers.*unset INFLUX_URL/],
    ['no MeiliSearch', { MEILI_URL: 'http://127.0.0.1:1' }, /MEILI_URL=.*no MeiliSearch answers.*unset MEILI_URL/],
  ])('the start refuses with %s', async (_, variables, said) => {
    const { code, stderr } = await runCommand(['up', '--port', '0', '--data', `${instance.dataFolder}-refused`], variables)
    expect(code).not.toBe(0)
    expect(stderr).toMatch(said)
  })
})
