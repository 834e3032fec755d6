import type { EventBytes } from '@weconnect/eventstore/port'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { collect, failing, ids, someEvent, someEvents, someStream } from './samples.ts'
import type { Stores } from './stores.ts'

/** What an append promises. */
export const appending =
  ({ freshStore }: Stores) =>
  (): void => {
    test('a new stream is expected with none, an existing one with its revision', async () => {
      const store = await freshStore()
      const stream = someStream()
      expect((await store.append(stream, 'none', someEvents(3))).revision).toBe(2)
      expect((await store.append(stream, 2, someEvents(1))).revision).toBe(3)
      expect((await store.append(stream, 'any', someEvents(2))).revision).toBe(5)
      expect((await store.append(someStream(), 'any', someEvents(1))).revision).toBe(0)
    })

    test.each<[string, 'none' | number]>([
      ['none', 'none'],
      ['too low', 0],
      ['too high', 7],
    ])('a wrong expectation (%s) is a conflict and writes nothing', async (_, expected) => {
      const store = await freshStore()
      const stream = someStream()
      const first = someEvents(3)
      await store.append(stream, 'none', first)
      await expect(store.append(stream, expected, someEvents(1))).rejects.toEqual(failing('REVISION_CONFLICT'))
      expect(ids(await collect(store.read(stream)))).toEqual(ids(first))
    })

    test('a revision of a stream that does not exist is a conflict', async () => {
      const store = await freshStore()
      const stream = someStream()
      await expect(store.append(stream, 0, someEvents(1))).rejects.toEqual(failing('REVISION_CONFLICT'))
      expect(await collect(store.read(stream))).toEqual([])
    })

    test('an append that is repeated with the same ids is answered as the first time and written once', async () => {
      const store = await freshStore()
      const stream = someStream()
      const [first, second] = [someEvents(3), someEvents(2)]
      const once = await store.append(stream, 'none', first)
      const then = await store.append(stream, 2, second)
      await store.append(stream, 4, someEvents(1))
      expect(await store.append(stream, 'none', first)).toEqual(once)
      expect(await store.append(stream, 2, second)).toEqual(then)
      expect(await collect(store.read(stream))).toHaveLength(6)
    })

    test('a repeat with other, more or reordered events is a conflict', async () => {
      const store = await freshStore()
      const stream = someStream()
      const events = someEvents(2)
      await store.append(stream, 'none', events)
      for (const other of [someEvents(2), [...events, someEvent()], [...events].reverse(), [events[0] as EventBytes, someEvent()]]) {
        await expect(store.append(stream, 'none', other)).rejects.toEqual(failing('REVISION_CONFLICT'))
      }
    })

    test('of many appends that expect the same revision exactly one wins', async () => {
      const store = await freshStore()
      const stream = someStream()
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => store.append(stream, 'none', someEvents(2))))
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      for (const result of results) if (result.status === 'rejected') expect(result.reason).toEqual(failing('REVISION_CONFLICT'))
      expect(await collect(store.read(stream))).toHaveLength(2)
    })

    test('a conflict does not touch the appends beside it', async () => {
      const store = await freshStore()
      const taken = someStream()
      await store.append(taken, 'none', someEvents(1))
      const streams = Array.from({ length: 10 }, () => someStream())
      const others = streams.map((stream) => store.append(stream, 'none', someEvents(2)))
      await expect(store.append(taken, 'none', someEvents(1))).rejects.toEqual(failing('REVISION_CONFLICT'))
      expect((await Promise.all(others)).every(({ revision }) => revision === 1)).toBe(true)
    })

    test('an append over the limit is refused, one at the limit is kept', async () => {
      const store = await freshStore()
      const stream = someStream()
      await expect(store.append(stream, 'none', [someEvent(512 * 1024)])).rejects.toEqual(failing('APPEND_TOO_LARGE'))
      await expect(store.append(stream, 'none', someEvents(6, 100_000))).rejects.toEqual(failing('APPEND_TOO_LARGE'))
      expect(await collect(store.read(stream))).toEqual([])
      await store.append(stream, 'none', someEvents(5, 100_000))
      expect(await collect(store.read(stream))).toHaveLength(5)
    })

    test('an append of nothing is refused', async () => {
      const store = await freshStore()
      await expect(store.append(someStream(), 'none', [])).rejects.toEqual(failing('INVALID_INPUT'))
    })

    test('bytes come back unchanged', async () => {
      const store = await freshStore()
      const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
      const event = fc.record({ id: fc.uuid(), type: fc.constantFrom('StepStarted', 'StepCompleted'), data: bytes, metadata: bytes })
      await fc.assert(
        fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 5 }), async (events) => {
          const stream = someStream()
          await store.append(stream, 'none', events)
          const read = await collect(store.read(stream))
          expect(read.map(({ id, type, data, metadata }) => ({ id, type, data, metadata }))).toEqual(events)
        }),
        { numRuns: 50 },
      )
    })
  }
