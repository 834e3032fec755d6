import type { EventBytes, EventStore } from '@weconnect/eventstore/port'

/** The append of an event, at which the process ends itself. */
export interface CrashPoint {
  readonly when: 'before' | 'after'
  readonly type: string
  /** What the event says in clear somewhere: the name of a node, a reason. */
  readonly saying?: string
  /** Only of these executions; of all when absent. */
  readonly executions?: readonly string[]
  /** Which of them, from 1. */
  readonly nth: number
}

/** As a power cut: nothing of this process runs after it. */
export const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('it should be dead')
}

const isAt = ({ type, saying, executions }: CrashPoint, stream: string, event: EventBytes): boolean => {
  if (event.type !== type) return false
  const data = event.data.toString()
  const concerns = executions?.some((id) => stream.endsWith(id) || data.includes(id)) ?? true
  return concerns && (saying === undefined || data.includes(saying))
}

/** The log, with a process that dies at the point. */
export const dyingAt = (point: CrashPoint) => {
  let seen = 0
  return (store: EventStore): EventStore =>
    new Proxy(store, {
      get: (target, key) => {
        if (key !== 'append') {
          const value: unknown = Reflect.get(target, key)
          return typeof value === 'function' ? value.bind(target) : value
        }
        return async (stream: string, expected: Parameters<EventStore['append']>[1], events: readonly EventBytes[]) => {
          const here = events.filter((event) => isAt(point, stream, event)).length
          seen += here
          const isPoint = here > 0 && seen >= point.nth
          if (isPoint && point.when === 'before') die()
          const appended = await target.append(stream, expected, events)
          if (isPoint) die()
          return appended
        }
      },
    })
}
