import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { setTimeout as wait } from 'node:timers/promises'
import { openEgress } from '@weconnect/http/egress'
import { type EngineFixture, openEngineFixture } from '../engine-fixture.ts'
import { testNode } from '../test-nodes.ts'
import { type CrashPoint, die, dyingAt } from './dying-log.ts'

/** Something that somebody wants to be done once. */
export interface Delivery {
  readonly executionId: string
  readonly delivery: string
}

/** What a process does until it is killed: it goes on with what it finds in its folder, and begins executions of its own. */
export interface CrashOrder {
  readonly folder: string
  readonly workflowId: string
  readonly begin: readonly Delivery[]
  /** Where it ends itself; absent = somebody else kills it. */
  readonly point?: CrashPoint
  /** It ends itself within the pure node of the `n`-th of its own executions, from 0. */
  readonly withinPureStep?: number
  /** What it asks of each of its executions when that node of it has begun; a signal, when it waits there. */
  readonly ask?: { readonly what: 'cancel' | 'signal'; readonly whenAt: string }
}

/** A step that changes nothing outside, in whose midst the process may end. */
export const pureNode = (dying?: string) =>
  testNode('test.pure', 'pure', async (context) => {
    const items = await context.items()
    if (dying !== undefined && items[0]?.json['delivery'] === dying) die()
    return [items]
  })

/** Tells what it was told is durable, before it dies. */
const say = (what: string, executionId: string): void => void writeSync(1, `${what} ${executionId}\n`)

const live = async (fixture: EngineFixture, { workflowId, begin, ask }: CrashOrder): Promise<void> => {
  const { executions } = fixture
  const context = { ...fixture.context, correlationId: randomUUID() }
  const isAt = async (executionId: string): Promise<boolean> => {
    const { steps, status } = await executions.view(executionId, context.organisationId)
    return steps.some(({ nodeName }) => nodeName === ask?.whenAt) && (ask?.what === 'cancel' || status === 'waiting')
  }
  const one = async ({ executionId, delivery }: Delivery): Promise<void> => {
    await executions.run({ workflowId, executionId, input: [{ json: { delivery } }] }, context)
    say('run', executionId)
    if (ask === undefined) return
    while (!(await isAt(executionId))) await wait(10)
    if (ask.what === 'cancel') await executions.cancel(executionId, undefined, context)
    else await executions.signal({ executionId, name: 'go', payload: null, signalId: delivery }, context)
    say(ask.what, executionId)
  }
  await Promise.all(begin.map(one))
}

if (import.meta.main) {
  const order = JSON.parse(process.argv[2] ?? '') as CrashOrder
  const { folder, point, begin, withinPureStep = -1 } = order
  const egress = openEgress({ allowPrivate: true })
  const nodes = [pureNode(begin[withinPureStep]?.delivery)]
  const fixture = await openEngineFixture({ folder, egress, nodes, ...(point && { store: dyingAt(point) }) })
  // The next one begins sooner.
  flushCompileCache()
  await live(fixture, order)
  await wait(60_000)
  // The point was not reached.
  process.exit(3)
}
