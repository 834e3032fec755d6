import type { EventStore } from '@weconnect/eventstore/port'
import type { MigrationRequest } from '@weconnect/executions/migration/face'
import { openEngineFixture } from '../engine-fixture.ts'

/** Where the process ends itself: before or after the append of the nth event of a type. */
export interface MigrationCrash {
  readonly type: string
  readonly when: 'before' | 'after'
  readonly nth: number
}

export interface MigrationCrashOrder {
  readonly folder: string
  readonly request: MigrationRequest
  readonly crash: MigrationCrash
}

/** As a power cut: nothing of this process runs after it. */
const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('it should be dead')
}

const dyingAt =
  ({ type, when, nth }: MigrationCrash) =>
  (store: EventStore): EventStore => {
    let [begun, done] = [0, 0]
    const append: EventStore['append'] = async (stream, expected, events) => {
      const isIt = events.some((event) => event.type === type)
      if (isIt) begun += 1
      if (isIt && when === 'before' && begun >= nth) die()
      const appended = await store.append(stream, expected, events)
      if (isIt) done += 1
      if (isIt && when === 'after' && done >= nth) die()
      return appended
    }
    return new Proxy(store, {
      get: (target, key) => {
        if (key === 'append') return append
        const value: unknown = Reflect.get(target, key)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }

if (import.meta.main) {
  const { folder, request, crash } = JSON.parse(process.argv[2] ?? '') as MigrationCrashOrder
  const fixture = await openEngineFixture({ folder, store: dyingAt(crash) })
  await fixture.executions.migrate(request, fixture.context)
}
