import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { EventBytes, EventStore } from '@weconnect/eventstore/port'
import { openEngineFixture } from '../engine-fixture.ts'
import { testNode } from '../test-nodes.ts'

/** The append of an event, at which the process ends itself. */
export interface SlotCrashPoint {
  readonly when: 'before' | 'after'
  readonly type: string
  /** Which of them, from 1. */
  readonly nth: number
}

export interface SlotCrashOrder {
  readonly folder: string
  readonly workflowId: string
  readonly revision: number
  readonly point: SlotCrashPoint
  readonly executions: number
  /** Cancels every second execution. */
  readonly cancels: boolean
}

/** As a power cut: nothing of this process runs after it. */
const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('it should be dead')
}

const dyingAt = ({ when, type, nth }: SlotCrashPoint) => {
  let seen = 0
  return (store: EventStore): EventStore =>
    new Proxy(store, {
      get: (target, key) => {
        if (key !== 'append') {
          const value: unknown = Reflect.get(target, key)
          return typeof value === 'function' ? value.bind(target) : value
        }
        return async (stream: string, expected: Parameters<EventStore['append']>[1], events: readonly EventBytes[]) => {
          const ofIt = events.filter((event) => event.type === type).length
          seen += ofIt
          const isIt = ofIt > 0 && seen >= nth
          if (isIt && when === 'before') die()
          const appended = await target.append(stream, expected, events)
          if (isIt) die()
          return appended
        }
      },
    })
}

/** Takes a moment, so that others come meanwhile. */
export const slowNode = testNode('test.slow', 'pure', async (context) => {
  await wait(20)
  return [await context.items()]
})

if (import.meta.main) {
  const order = JSON.parse(process.argv[2] ?? '') as SlotCrashOrder
  const fixture = await openEngineFixture({ folder: order.folder, store: dyingAt(order.point), nodes: [slowNode] })
  const begin = async (n: number): Promise<void> => {
    const executionId = randomUUID()
    const { accepted } = fixture.engine.execute({
      executionId,
      workflowId: order.workflowId,
      workflowVersion: 1,
      workflowRevision: order.revision,
      trigger: 'webhook',
      triggerNode: 'Start',
      input: [[{ json: { n } }]],
      answer: 'immediately',
      context: { ...fixture.context, correlationId: executionId },
    })
    const { within = executionId } = await accepted
    writeSync(1, `${JSON.stringify({ n, executionId: within })}\n`)
    if (order.cancels && n % 2 === 1) await fixture.executions.cancel(executionId, undefined, fixture.context).catch(() => undefined)
  }
  await Promise.all(Array.from({ length: order.executions }, (_, n) => begin(n)))
  await wait(30_000)
  // The point was not reached.
  process.exit(3)
}
