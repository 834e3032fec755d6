import { randomUUID } from 'node:crypto'
import { writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { setTimeout as wait } from 'node:timers/promises'
import { openEngineFixture } from '../engine-fixture.ts'
import { testNode } from '../test-nodes.ts'
import { type CrashPoint, dyingAt } from './dying-log.ts'

export interface SlotCrashOrder {
  readonly folder: string
  readonly workflowId: string
  readonly revision: number
  readonly point: CrashPoint
  readonly executions: number
  /** Cancels every second execution. */
  readonly cancels: boolean
}

/** Takes a moment, so that others come meanwhile. */
export const slowNode = testNode('test.slow', 'pure', async (context) => {
  await wait(20)
  return [await context.items()]
})

if (import.meta.main) {
  const order = JSON.parse(process.argv[2] ?? '') as SlotCrashOrder
  const fixture = await openEngineFixture({ folder: order.folder, store: dyingAt(order.point), nodes: [slowNode] })
  // The next one begins sooner.
  flushCompileCache()
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
