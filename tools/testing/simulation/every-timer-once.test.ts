import type { EventStore, StoredEvent } from '@weconnect/eventstore/port'
import { executionWork } from '@weconnect/executions/open-work'
import { expect, test } from 'vitest'
import { manual, noOp, workflowFile } from '../n8n-workflow.ts'
import { chanceOf } from './chance.ts'
import { isPassing, startLives, type Weather } from './lives.ts'
import { memoryBlobs, memoryKeyring } from './memory-keys.ts'
import { memoryLog } from './memory-log.ts'
import { simulatedProvider } from './provider.ts'
import { worldClock } from './world-clock.ts'

const isLong = process.env['WECONNECT_LONG'] === '1'
const timers = isLong ? 100_000 : 1_000
const seed = Number(process.env['WECONNECT_SEED'] ?? 20261123)
const kills = 10
const minuteMs = 60_000
/** Executions begin to wait in so many at a time. */
const atATime = 200
/** Moments at which a process may die, of one execution that goes on: before and after each of its two appends. */
const momentsPerTimer = 4

const file = workflowFile(
  'waits until a time',
  {
    Start: manual,
    Wait: { type: 'n8n-nodes-base.wait', version: 1.1, parameters: { resume: 'specificTime', dateTime: '={{ $json.at }}' } },
    Then: noOp,
  },
  ['Start -> Wait', 'Wait -> Then'],
  { executionOrder: 'v1', timezone: 'UTC' },
)

/** A log, and processes on it that die when it storms; as a real one, a process is back within some tenths of a second. */
const worldOf = () => {
  const chance = chanceOf(seed)
  const clock = worldClock(chance)
  const weather: Weather = { isStorm: false, dying: kills / (timers * momentsPerTimer), failing: 0 }
  const log = memoryLog('timers', executionWork)
  const provider = simulatedProvider(chance, weather, clock.now)
  const kept = { keyring: memoryKeyring(), blobs: memoryBlobs() }
  const lives = startLives({ chance, clock, log, provider, weather, ...kept, awayMs: [50, 700], concurrency: 64 })
  return { chance, clock, weather, log, lives }
}
type World = ReturnType<typeof worldOf>

/** Executions that all wait for a moment of the minute that begins at `from`. */
const prepare = async ({ chance, lives, clock, log }: World, from: number): Promise<void> => {
  const context = { actor: 'user:simulated', organisationId: chance.id(), correlationId: chance.id(), causationId: chance.id() }
  await lives.ask(async ({ workflows, executions }) => {
    const [{ workflowId } = { workflowId: '' }] = await workflows.importWorkflows(file, context)
    const one = (): Promise<unknown> => {
      const at = new Date(from + chance.between(0, minuteMs - 1)).toISOString()
      return executions.run({ workflowId, input: [{ json: { at } }] }, context)
    }
    for (let made = 0; made < timers; made += atATime) await Promise.all(Array.from({ length: Math.min(atATime, timers - made) }, one))
  })
  while ((await log.open().openWork()).some(({ status }) => status !== 'waiting')) await clock.sleep(1_000)
  expect(clock.now()).toBeLessThan(from)
}

interface Fired {
  readonly due: number
  readonly resumedAt: number[]
  endings: number
}

const timesOf = async (store: EventStore): Promise<readonly Fired[]> => {
  const executions = new Map<string, Fired>()
  const timeOf = ({ metadata }: StoredEvent): number => Date.parse((JSON.parse(metadata.toString()) as { time: string }).time)
  for (let after: string | undefined; ; ) {
    const page = await store.readAll({ after, limit: 20_000 })
    if (page.length === 0) return [...executions.values()]
    after = page.at(-1)?.position
    for (const event of page) {
      if (event.type === 'ExecutionPaused') {
        const { until } = JSON.parse(event.data.toString()) as { until: string }
        executions.set(event.stream, { due: Date.parse(until), resumedAt: [], endings: 0 })
      }
      if (event.type === 'ExecutionResumed') executions.get(event.stream)?.resumedAt.push(timeOf(event))
      if (event.type === 'ExecutionCompleted') executions.get(event.stream)!.endings += 1
    }
  }
}

const part = (sorted: readonly number[], share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0

test(`${timers} timers due within a minute while processes are killed: each fires once, 99 of 100 less than a second late (seed ${seed})`, async () => {
  const world = worldOf()
  const { clock, weather, log, lives } = world
  const from = clock.now() + 60 * minuteMs
  let isOver = false
  const problems: unknown[] = []
  const story = async (): Promise<void> => {
    await prepare(world, from)
    await clock.sleep(from - clock.now())
    weather.isStorm = true
    await clock.sleep(minuteMs)
    weather.isStorm = false
    isOver = true
  }
  story().catch((error: unknown) => {
    problems.push(error)
    isOver = true
  })
  await clock.run(() => isOver && log.openStreams() === 0, from + 60 * minuteMs)
  expect([...problems, ...lives.problems().filter((error) => !isPassing(error))]).toEqual([])

  const fired = await timesOf(log.open())
  expect(fired).toHaveLength(timers)
  expect(fired.filter(({ resumedAt, endings }) => resumedAt.length !== 1 || endings !== 1)).toEqual([])
  expect(fired.filter(({ due, resumedAt: [at = 0] }) => at < due)).toEqual([])
  const late = fired.map(({ due, resumedAt: [at = 0] }) => at - due).sort((one, other) => one - other)
  console.log(
    `${timers} timers, ${lives.crashes()} kills; late by ${part(late, 0.5)} ms (p50), ${part(late, 0.99)} ms (p99), ${late.at(-1)} ms (most)`,
  )
  expect(lives.crashes()).toBeGreaterThan(kills / 3)
  expect(part(late, 0.99)).toBeLessThan(1_000)
}, 3_600_000)
