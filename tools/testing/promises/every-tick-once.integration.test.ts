import { existsSync, mkdtempSync } from 'node:fs'
import type { JsonObject } from '@weconnect/contracts/json'
import type { Engine } from '@weconnect/executions/engine'
import { openScheduleRegistrar } from '@weconnect/scheduler/registrar'
import { Scheduler } from '@weconnect/scheduler/scheduler'
import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { minutesOf, referenceTicks, seeded, someSchedule } from '@weconnect/testing/promises/reference-ticks'
import { simulatedTime } from '@weconnect/testing/simulated-time'
import { afterAll, expect, test } from 'vitest'

const long = process.env['WECONNECT_LONG'] === '1'
const schedules = long ? 1000 : 50
const days = long ? 30 : 4
const seed = Number(process.env['WECONNECT_SEED'] ?? 20260325)
const hourMs = 3_600_000
/** Clocks change in Berlin and London on 29 March, on Lord Howe and in Santiago on 4 and 5 April. */
const begin = Date.parse(long ? '2026-03-20T10:30:00Z' : '2026-03-27T10:30:00Z')
const end = begin + days * 24 * hourMs
const zones = ['UTC', 'Europe/Berlin', 'Europe/London', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Santiago']

/** A log in memory, where the system has such a folder: nothing here depends on the disk, and waiting for it is most of what this would do. */
const inMemory = (): { readonly folder?: string } => (existsSync('/dev/shm') ? { folder: mkdtempSync('/dev/shm/weconnect-') } : {})

const random = seeded(seed)
const time = simulatedTime(begin)
let fixture: EngineFixture
afterAll(() => fixture?.close())

const activate = async (number: number, zone: string, rule: JsonObject): Promise<string> => {
  const trigger = {
    parameters: { rule: { interval: [rule] }, options: { missedRuns: 'all', missedWindowSeconds: 40 * 86_400 } },
    ...{ id: 'clock', name: 'Clock', type: 'n8n-nodes-base.scheduleTrigger', typeVersion: 1.2, position: [0, 0] },
  }
  const file = { name: `Number ${number}`, nodes: [trigger], connections: {}, settings: { executionOrder: 'v1', timezone: zone } }
  const [report] = await fixture.workflows.importWorkflows(file, fixture.context)
  const { workflowId } = report!
  await fixture.workflows.handle({ type: 'ActivateWorkflow', workflowId, organisationId: fixture.context.organisationId }, fixture.context)
  return workflowId
}

/** One for each who waits: a promise that everybody shared would keep all that the dead had in hand. */
const never = (): Promise<never> => new Promise(() => undefined)

/** A scheduler as a process of its own, that dies at one of its calls to the rest, before it or after it: nothing it does afterwards is seen. */
const spawn = () => {
  const { workflows, engine, store, journal, registry, executions } = fixture
  const died = Promise.withResolvers<void>()
  let callsLeft = 20 + random(schedules * 4)
  let dead = false
  const dies = (): boolean => {
    callsLeft -= 1
    if (callsLeft > 0 || dead) return dead
    dead = true
    died.resolve()
    return true
  }
  const execute: Engine['execute'] = (request) => {
    const afterwards = random(2) === 0
    const wasDead = dead
    if (!dies()) return engine.execute(request)
    if (!wasDead && afterwards) engine.execute(request)
    return { accepted: never(), answered: never(), ended: never() }
  }
  const registrar = openScheduleRegistrar({ journal, registry, defaultTimezone: 'UTC', now: time.clock.now })
  const scheduler = new Scheduler({
    ...{ registrar, store, registry, executions, ...time },
    workflows: {
      load: async (...args) => (dies() ? never() : workflows.load(...args)),
      contentAt: (...args) => workflows.contentAt(...args),
    },
    engine: { execute, endOf: (...args) => engine.endOf(...args) },
    onError: (error) => {
      throw error
    },
  })
  return { scheduler, died: died.promise, isDead: () => dead }
}

test(`${schedules} schedules, ${days} simulated days, schedulers killed all the time: what starts is the reference list (seed ${seed})`, async () => {
  fixture = await openEngineFixture({ time, timezone: 'UTC', ...inMemory() })
  await fixture.scheduler.close()
  const minutes = new Map(zones.map((zone) => [zone, minutesOf(zone, begin, end)]))
  const expected = new Map<string, readonly string[]>()
  for (let number = 0; number < schedules; number += 1) {
    const zone = zones[random(zones.length)]!
    const schedule = someSchedule(random, zone, begin)
    expected.set(await activate(number, zone, schedule.rule), referenceTicks(schedule, minutes.get(zone)!))
  }

  const alive = new Set<ReturnType<typeof spawn>>()
  const start = async (): Promise<void> => {
    const one = spawn()
    alive.add(one)
    await Promise.race([one.scheduler.start(), one.died])
  }
  const settled = async (): Promise<void> => {
    for (const one of alive) {
      await Promise.race([one.scheduler.settled(), one.died])
      if (!one.isDead()) continue
      alive.delete(one)
      // What it waits for never comes; what it follows must not reach it any more, or the dead fill the memory.
      void one.scheduler.close()
    }
  }
  let started = 0
  for (let now = begin; now < end; ) {
    // Up to three at a time; sometimes none for hours.
    while (alive.size < 1 + random(3)) {
      await start()
      started += 1
    }
    now = Math.min(end, now + hourMs + random(6 * hourMs))
    await time.runTo(now, settled)
  }
  const last = new Scheduler({ ...fixture, ...time, onError: (error) => void fixture.problems.push(error) })
  await last.start()
  await last.settled()
  await last.close()

  const requested = new Map<string, string[]>()
  const fired = new Map<string, string[]>()
  const scheduleOf = new Map<string, string>()
  for (let after: string | undefined; ; ) {
    const events = await fixture.journal.readAll({ after, limit: 5000 })
    if (events.length === 0) break
    for (const event of events) {
      if (event.type === 'ScheduleRegistered') scheduleOf.set(event.stream, event.data.workflowId)
      if (event.type === 'ExecutionRequested') add(requested, event.data.workflowId, event.data.deliveryId ?? '')
      if (event.type === 'ScheduleFired') add(fired, scheduleOf.get(event.stream) ?? '', event.data.tick)
    }
    after = events.at(-1)?.position
  }
  const total = [...expected.values()].reduce((sum, ticks) => sum + ticks.length, 0)
  console.log(`${total} ticks, ${started} schedulers started, one after the other killed`)
  expect(total).toBeGreaterThan(schedules * days)
  expect(started).toBeGreaterThan(10)
  for (const [workflowId, ticks] of expected) {
    expect(fired.get(workflowId) ?? []).toEqual(ticks)
    expect((requested.get(workflowId) ?? []).sort()).toEqual(ticks)
  }
}, 1_800_000)

const add = (lists: Map<string, string[]>, key: string, value: string): void => {
  const list = lists.get(key) ?? []
  list.push(value)
  lists.set(key, list)
}
