import type { EventBytes, WorkOf } from '@weconnect/eventstore/port'
import { expect, test } from 'vitest'
import { failing, someEvent, someStream } from './samples.ts'
import type { Stores } from './stores.ts'

/** Rows of open work. */
export const work =
  ({ fresh }: Stores) =>
  (): void => {
    const workOf: WorkOf = (stream, events) => {
      const [first, last] = [events[0]?.type, events.at(-1)?.type]
      if (last === 'ExecutionCompleted') return 'done'
      if (last === 'ExecutionPaused') return { stream, status: 'waiting', dueAt: 1_700_000_000_000 }
      if (last === 'ExecutionStarted') return { stream, status: 'running', worker: 'w1', epoch: 3 }
      return first === 'ExecutionRequested' ? { stream, status: 'ready' } : undefined
    }
    const typed = (type: string): EventBytes => ({ ...someEvent(), type })

    test('rows follow the appends and survive', async () => {
      const one = await fresh({ workOf })
      const [a, b, c] = [someStream(), someStream(), someStream()]
      await one.store.append(a, 'none', [typed('ExecutionRequested')])
      await one.store.append(b, 'none', [typed('ExecutionRequested')])
      await one.store.append(b, 0, [typed('ExecutionStarted')])
      await one.store.append(c, 'none', [typed('ExecutionRequested'), typed('ExecutionStarted'), typed('ExecutionCompleted')])
      const expected = [
        { stream: a, status: 'ready' },
        { stream: b, status: 'running', worker: 'w1', epoch: 3 },
      ]
      expect(await one.store.openWork()).toEqual(expected)
      const store = await one.reopen()
      expect(await store.openWork()).toEqual(expected)
      await store.append(a, 0, [typed('ExecutionPaused')])
      await store.append(a, 1, [typed('StepStarted')])
      await store.append(b, 1, [typed('ExecutionCompleted')])
      expect(await store.openWork()).toEqual([{ stream: a, status: 'waiting', dueAt: 1_700_000_000_000 }])
    })

    test('an append that fails leaves its row as it was', async () => {
      const { store } = await fresh({ workOf })
      const stream = someStream()
      await store.append(stream, 'none', [typed('ExecutionRequested')])
      await expect(store.append(stream, 5, [typed('ExecutionCompleted')])).rejects.toEqual(failing('REVISION_CONFLICT'))
      expect(await store.openWork()).toEqual([{ stream, status: 'ready' }])
    })
  }
