import type { EventBytes, StoredEvent } from '@weconnect/eventstore/port'
import { expect, test } from 'vitest'
import { collect, failing, ids, readWholeLog, someEvents, someStream, takeFrom } from './samples.ts'
import type { Stores } from './stores.ts'

/** What a reading gives. */
export const reading =
  ({ fresh, freshStore }: Stores) =>
  (): void => {
    test('an unknown stream is empty, an empty log has no head', async () => {
      const store = await freshStore()
      expect(await collect(store.read(someStream()))).toEqual([])
      expect(await store.head()).toBeUndefined()
      expect(await store.readAll({ limit: 10 })).toEqual([])
      expect(await store.readAll({ limit: 10, direction: 'backwards' })).toEqual([])
    })

    test('a stream is read from any revision, in both directions, up to a limit', async () => {
      const store = await freshStore()
      const stream = someStream()
      const events: EventBytes[] = []
      for (const count of [1, 4, 2, 3]) {
        const more = someEvents(count)
        await store.append(stream, events.length === 0 ? 'none' : events.length - 1, more)
        await store.append(someStream(), 'none', someEvents(1))
        events.push(...more)
      }
      expect((await collect(store.read(stream))).map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      for (let from = 0; from < 10; from += 1) {
        for (const limit of [1, 3, 20]) {
          expect(ids(await collect(store.read(stream, { from, limit })))).toEqual(ids(events.slice(from, from + limit)))
          const back = await collect(store.read(stream, { from, limit, direction: 'backwards' }))
          expect(ids(back)).toEqual(
            ids(
              events
                .slice(0, from + 1)
                .reverse()
                .slice(0, limit),
            ),
          )
        }
      }
      expect(ids(await collect(store.read(stream, { direction: 'backwards', limit: 2 })))).toEqual(ids(events.slice(-2).reverse()))
      expect(await collect(store.read(stream, { from: 10 }))).toEqual([])
    })

    test('the log is in the order of the appends; positions ascend and continue a reading', async () => {
      const store = await freshStore()
      const written: StoredEvent[] = []
      for (let index = 0; index < 12; index += 1) {
        const stream = someStream()
        const events = someEvents(1 + (index % 4))
        const { position } = await store.append(stream, 'none', events)
        const stored = await collect(store.read(stream))
        expect(stored.at(-1)?.position).toBe(position)
        written.push(...stored)
      }
      const positions = written.map(({ position }) => position)
      expect(positions).toEqual([...new Set(positions)].sort())
      expect(await store.head()).toBe(positions.at(-1))
      for (const limit of [1, 3, 7, 1000]) expect(ids(await readWholeLog(store, limit))).toEqual(ids(written))
    })

    test('the log is read backwards from its end and from any position', async () => {
      const store = await freshStore()
      for (let index = 0; index < 5; index += 1) await store.append(someStream(), 'none', someEvents(3))
      const all = await readWholeLog(store, 100)
      const backwards: StoredEvent[] = []
      for (;;) {
        const page = await store.readAll({ after: backwards.at(-1)?.position, direction: 'backwards', limit: 4 })
        if (page.length === 0) break
        expect(page.length).toBeLessThanOrEqual(4)
        backwards.push(...page)
      }
      expect(ids(backwards)).toEqual(ids(all).reverse())
      for (const [index, { position }] of all.entries()) {
        const page = await store.readAll({ after: position, direction: 'backwards', limit: 100 })
        expect(ids(page)).toEqual(ids(all.slice(0, index)).reverse())
      }
    })

    test('a reading splits an append only when that alone is over the limit', async () => {
      const store = await freshStore()
      await store.append(someStream(), 'none', someEvents(2))
      await store.append(someStream(), 'none', someEvents(2))
      await store.append(someStream(), 'none', someEvents(5))
      const first = await store.readAll({ limit: 3 })
      expect(first).toHaveLength(2)
      const second = await store.readAll({ limit: 3, after: first.at(-1)?.position })
      expect(second).toHaveLength(2)
      expect(await store.readAll({ limit: 3, after: second.at(-1)?.position })).toHaveLength(3)
    })

    test('a cursor of another log is refused everywhere', async () => {
      const [store, other] = [await freshStore(), await freshStore()]
      const { position } = await other.append(someStream(), 'none', someEvents(1))
      const subscribe = async (): Promise<StoredEvent[]> => takeFrom(store.subscribe({ after: position }), 1)
      await expect(store.readAll({ after: position, limit: 1 })).rejects.toEqual(failing('CURSOR_OF_ANOTHER_LOG'))
      await expect(subscribe()).rejects.toEqual(failing('CURSOR_OF_ANOTHER_LOG'))
      await expect(store.readAll({ after: 'nonsense', limit: 1 })).rejects.toEqual(failing('INVALID_INPUT'))
    })

    test('a closed log that is opened again holds everything and goes on', async () => {
      const one = await fresh()
      const stream = someStream()
      await one.store.append(stream, 'none', someEvents(3))
      const before = await readWholeLog(one.store, 100)
      const { logId } = one.store
      const store = await one.reopen()
      expect(store.logId).toBe(logId)
      expect(await readWholeLog(store, 100)).toEqual(before)
      const { revision, position } = await store.append(stream, 2, someEvents(1))
      expect(revision).toBe(3)
      expect(position > (before.at(-1)?.position ?? '')).toBe(true)
    })
  }
