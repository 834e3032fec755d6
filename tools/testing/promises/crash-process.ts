import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { familyOf } from '@weconnect/contracts/ids'
import type { EventBytes, EventStore } from '@weconnect/eventstore/port'
import { openEgress } from '@weconnect/http/egress'
import { openEngineFixture } from '../engine-fixture.ts'

/** Where the process ends itself, of the append of an event of one node. `asked` leaves it to the receiver of the call. */
export type CrashPoint = 'beforeIntent' | 'afterIntent' | 'asked' | MemoryPoint | 'beforeOutcome' | 'afterOutcome' | CancelPoint
/** Of the append to what a node remembers across executions. */
export type MemoryPoint = 'beforeMemory' | 'afterMemory'
/** While the executions are being cancelled, which the process asks for when it has begun them: the node then runs. */
export type CancelPoint = 'beforeChildIsTold' | 'afterChildIsTold' | 'beforeCancelled' | 'afterCancelled'

export interface CrashOrder {
  readonly folder: string
  readonly workflowId: string
  readonly point: CrashPoint
  readonly nodeName: string
  readonly deliveries: readonly string[]
}

/** As a power cut: nothing of this process runs after it. */
const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('it should be dead')
}

const holds = (events: readonly EventBytes[], type: string, nodeName: string): boolean =>
  events.some((event) => event.type === type && (JSON.parse(event.data.toString()) as { nodeName?: string }).nodeName === nodeName)

const holdsType = (events: readonly EventBytes[], type: string): boolean => events.some((event) => event.type === type)

/** The log, with a process that dies at the point. */
const dyingAt =
  ({ point, nodeName }: CrashOrder) =>
  (store: EventStore): EventStore =>
    new Proxy(store, {
      get: (target, key) => {
        if (key !== 'append') {
          const value: unknown = Reflect.get(target, key)
          return typeof value === 'function' ? value.bind(target) : value
        }
        return async (stream: string, expected: Parameters<EventStore['append']>[1], events: readonly EventBytes[]) => {
          const [intent, outcome] = [holds(events, 'StepStarted', nodeName), holds(events, 'StepCompleted', nodeName)]
          if ((point === 'beforeIntent' && intent) || (point === 'beforeOutcome' && outcome)) die()
          const remembers = familyOf(stream) === 'memory'
          if (point === 'beforeMemory' && remembers) die()
          const told = events.some(({ type, data }) => type === 'CancellationRequested' && data.toString().includes('called it'))
          const cancelled = holdsType(events, 'ExecutionCancelled')
          if ((point === 'beforeChildIsTold' && told) || (point === 'beforeCancelled' && cancelled)) die()
          const appended = await target.append(stream, expected, events)
          if ((point === 'afterIntent' && intent) || (point === 'afterOutcome' && outcome)) die()
          if (point === 'afterMemory' && remembers) die()
          if ((point === 'afterChildIsTold' && told) || (point === 'afterCancelled' && cancelled)) die()
          return appended
        }
      },
    })

if (import.meta.main) {
  const order = JSON.parse(process.argv[2] ?? '') as CrashOrder
  const egress = openEgress({ allowPrivate: true })
  const fixture = await openEngineFixture({ folder: order.folder, egress, store: dyingAt(order) })
  const context = { ...fixture.context, correlationId: randomUUID() }
  const { workflowId } = order
  const runs = await Promise.all(
    order.deliveries.map((delivery) => fixture.executions.run({ workflowId, input: [{ json: { delivery } }] }, context)),
  )
  if (order.point.endsWith('Told') || order.point.endsWith('Cancelled')) {
    for (const { executionId } of runs) {
      const isThere = async (): Promise<boolean> =>
        (await fixture.executions.view(executionId, context.organisationId)).steps.some(({ nodeName }) => nodeName === order.nodeName)
      while (!(await isThere())) await wait(20)
      await fixture.executions.cancel(executionId, undefined, context)
    }
  }
}
