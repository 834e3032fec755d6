import { setTimeout as wait } from 'node:timers/promises'
import type { Effort, W4 } from './measures.ts'
import { activate, type Product, projections } from './product.ts'
import { median } from './statistics.ts'
import { newestExecution } from './webhook-load.ts'
import { loop } from './workflows.ts'

const rebuildLimitMs = 600_000

/** W4: replay of one long execution, rebuild of the execution list. The log holds what ran before. */
export const measureW4 = async (product: Product, effort: Effort, say: (text: string) => void): Promise<W4> => {
  say(`W4, replay of a loop of ${effort.loopRounds} rounds`)
  await activate(product, loop.file)
  await fetch(`http://127.0.0.1:${product.port}${loop.path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: loop.body(effort.loopRounds),
  }).then((answer) => answer.text())
  const { id } = await newestExecution(product)
  const first = await replayOnce(product, id)
  const replays: Replay[] = []
  for (let round = 0; round < effort.dataRounds; round += 1) replays.push(await replayOnce(product, id))
  say('W4, rebuild of the execution list')
  const rebuild = await rebuildExecutionList(product)
  return {
    replayEvents: first.events,
    replayEventsPerSecond: (first.events / median(replays.map(({ foldMs }) => foldMs))) * 1000,
    firstReplayEventsPerSecond: (first.events / first.foldMs) * 1000,
    rerunEventsPerSecond: (first.events / median(replays.map(({ durationMs }) => durationMs))) * 1000,
    ...rebuild,
  }
}

interface Replay {
  readonly equal: boolean
  readonly events: number
  readonly durationMs: number
  readonly foldMs: number
}

const replayOnce = async (product: Product, id: string): Promise<Replay> => {
  const { replayExecution } = await product.query<{ replayExecution: Replay }>(
    'mutation ($id: ID!) { replayExecution(id: $id) { equal events durationMs foldMs } }',
    { id },
  )
  if (!replayExecution.equal) throw new Error(`the replay of ${id} differs from what was recorded`)
  return replayExecution
}

const rebuildExecutionList = async (
  product: Product,
): Promise<Pick<W4, 'rebuildProjection' | 'rebuildEvents' | 'rebuildEventsPerSecond'>> => {
  const list = (await projections(product)).find(({ name }) => /^execution/.test(name))
  if (list === undefined) throw new Error('no projection of executions')
  const start = performance.now()
  await product.query('mutation ($name: String!) { rebuildProjection(name: $name) { projection { status } } }', { name: list.name })
  for (;;) {
    const now = (await projections(product)).find(({ name }) => name === list.name)
    if (now?.status === 'running' && now.lag === 0) break
    if (performance.now() - start > rebuildLimitMs) throw new Error(`the rebuild of ${list.name} took too long`)
    await wait(10)
  }
  const events = eventsUpTo(list.position)
  return {
    rebuildProjection: list.name,
    rebuildEvents: events,
    rebuildEventsPerSecond: (events / (performance.now() - start)) * 1000,
  }
}

/** The embedded log numbers its events, so its positions end with a count. */
const eventsUpTo = (position: string | null): number => Number(/(\d+)$/.exec(position ?? '')?.[1] ?? Number.NaN)
