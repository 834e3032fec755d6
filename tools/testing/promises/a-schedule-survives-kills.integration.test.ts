import { setTimeout as sleep } from 'node:timers/promises'
import type { Envelope } from '@weconnect/contracts/envelope'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { type Instance, startInstance } from '@weconnect/testing/instance'
import { endingsOf, executionsIn, openExecutionsIn, readLog } from '@weconnect/testing/promises/recorded-log'
import { everySecond } from '@weconnect/testing/promises/workflows'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

const kills = process.env['WECONNECT_LONG'] === '1' ? 50 : 5

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
})
afterAll(() => instance?.remove())

/** Of one workflow: its schedule's events, and the ticks of its executions. */
const historyOf = (events: readonly Envelope[], workflowId: string) => {
  const registered = events.find((event) => event.type === 'ScheduleRegistered' && event.data.workflowId === workflowId)
  const own = events.filter(({ stream }) => stream === registered?.stream)
  return {
    own,
    fires: own.flatMap((event) => (event.type === 'ScheduleFired' ? [event.data] : [])),
    skips: own.flatMap((event) => (event.type === 'ScheduleTicksSkipped' ? [event.data] : [])),
    requested: events.flatMap((event) => (event.type === 'ExecutionRequested' && event.data.workflowId === workflowId ? [event.data] : [])),
  }
}
const seconds = (from: number, to: number): string[] =>
  Array.from({ length: Math.max(0, Math.round((to - from) / 1000)) }, (_, index) => new Date(from + (index + 1) * 1000).toISOString())

test(`killed with -9 ${kills} times, a schedule of every second starts each second at most once, and what was missed by its policy`, async () => {
  const ids = { all: '', one: '', skip: '' }
  for (const policy of ['all', 'one', 'skip'] as const) ids[policy] = await instance.activate(everySecond(policy))
  for (let kill = 0; kill < kills; kill += 1) {
    await sleep(500 + Math.random() * 2500)
    await instance.kill9()
    await sleep(Math.random() * 3000)
    await instance.restart()
    // The old version is replaced while ticks are due all the time.
    if (kill === 1) {
      const rename = 'mutation ($id: ID!) { renameNode(workflowId: $id, nodeId: "node-1", name: "Noted") { version } }'
      await instance.graphql(rename, { id: ids.all })
      await instance.graphql('mutation ($id: ID!) { activateWorkflow(workflowId: $id) { version } }', { id: ids.all })
    }
  }
  await sleep(1500)
  for (const id of Object.values(ids))
    await instance.graphql('mutation ($id: ID!) { deactivateWorkflow(workflowId: $id) { version } }', { id })
  const store = openEmbeddedEventStore({ folder: instance.dataFolder, readOnly: true })
  await vi.waitFor(async () => expect(await openExecutionsIn(store)).toEqual([]), { timeout: 60_000 })
  await store.close()
  await instance.stop()

  const events = await readLog(instance.dataFolder)
  for (const workflowId of Object.values(ids)) {
    const { own, fires, skips, requested } = historyOf(events, workflowId)
    const ticks = fires.map(({ tick }) => tick)
    expect(new Set(ticks).size).toBe(ticks.length)
    expect(requested.map(({ executionId }) => executionId).sort()).toEqual(fires.map(({ executionId }) => executionId).sort())
    // Every second is accounted for: it was fired, or passed over.
    const [first] = own
    const from = Math.floor(Date.parse(first?.type === 'ScheduleRegistered' ? first.data.from : '') / 1000) * 1000
    const passed = skips.flatMap(({ after, until }) =>
      seconds(Math.floor(Date.parse(after) / 1000) * 1000, Math.floor(Date.parse(until) / 1000) * 1000),
    )
    const last = Date.parse(ticks.at(-1) ?? '')
    expect([...ticks, ...passed].sort()).toEqual(seconds(from, last))
  }
  const { all, one, skip } = { all: historyOf(events, ids.all), one: historyOf(events, ids.one), skip: historyOf(events, ids.skip) }
  expect(all.skips).toEqual([])
  expect(all.fires.some(({ reason }) => reason === 'missed')).toBe(true)
  expect(one.skips.length).toBeGreaterThan(0)
  expect(one.fires.some(({ reason }) => reason === 'missed')).toBe(true)
  expect(skip.fires.every(({ reason }) => reason === 'due')).toBe(true)
  expect(skip.skips.length).toBeGreaterThanOrEqual(1)

  const versions = all.fires.map(({ workflowVersion }) => workflowVersion)
  expect(versions).toEqual([...versions].sort())
  expect(new Set(versions)).toEqual(new Set([1, 2]))
  for (const [, stream] of executionsIn(events)) expect(endingsOf(stream)).toEqual(['ExecutionCompleted'])
  expect(await instance.command('verify')).toMatchObject({ code: 0 })
  console.log(`${all.fires.length}, ${one.fires.length} and ${skip.fires.length} starts over ${kills} kills`)
}, 1_800_000)
