import { randomUUID } from 'node:crypto'
import type { EventBytes, EventStore } from '@weconnect/eventstore/port'
import { openEgress } from '@weconnect/http/egress'
import { openEngineFixture } from '../engine-fixture.ts'

/** Where the process ends itself, of the append of an event of one node. `asked` leaves it to the receiver of the call. */
export type CrashPoint = 'beforeIntent' | 'afterIntent' | 'asked' | 'beforeOutcome' | 'afterOutcome'

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
          const appended = await target.append(stream, expected, events)
          if ((point === 'afterIntent' && intent) || (point === 'afterOutcome' && outcome)) die()
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
  await Promise.all(order.deliveries.map((delivery) => fixture.executions.run({ workflowId, input: [{ json: { delivery } }] }, context)))
}
