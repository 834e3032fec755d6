import type { StoredEvent } from '@weconnect/eventstore/port'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ids, readWholeLog, someEvent, someEvents, someStream, takeFrom, takeUntil } from './samples.ts'
import type { Stores } from './stores.ts'

/** What a subscription brings. */
export const subscribing =
  ({ freshStore, open }: Stores) =>
  (): void => {
    test('a subscription goes from the past to the present without gap or duplicate, while others append', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 12 }),
          fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 12 }),
          fc.nat(),
          async (before, during, from) => {
            const { store, close } = await open()
            for (const count of before) await store.append(someStream(), 'none', someEvents(count))
            const past = await readWholeLog(store, 100)
            const start = past.length === 0 ? undefined : past[from % past.length]
            const subscription = store.subscribe({ after: start?.position ?? 'start' })
            const total = past.length - (start ? past.indexOf(start) + 1 : 0) + during.reduce((sum, count) => sum + count, 0)
            const taking = takeFrom(subscription, total)
            await Promise.all(during.map((count) => store.append(someStream(), 'none', someEvents(count))))
            const all = await readWholeLog(store, 100)
            expect(ids(await taking)).toEqual(ids(all.slice(all.length - total)))
            await close()
          },
        ),
        { numRuns: 25 },
      )
    })

    test('from the end only what is appended after the call is delivered, however late the reading begins', async () => {
      const store = await freshStore()
      await store.append(someStream(), 'none', someEvents(5))
      const subscription = store.subscribe({ after: 'end' })
      const events = someEvents(3)
      await store.append(someStream(), 'none', events)
      expect(ids(await takeFrom(subscription, 3))).toEqual(ids(events))
    })

    test('a subscription to one stream or to families sees only these, past and present', async () => {
      const store = await freshStore()
      const wanted = someStream('execution')
      const other = someStream('workflow')
      await store.append(wanted, 'none', someEvents(2))
      await store.append(other, 'none', someEvents(2))
      await store.append(someStream('user'), 'none', someEvents(2))
      const ofStream = takeFrom(store.subscribe({ after: 'start', stream: wanted }), 4)
      const ofFamilies = takeFrom(store.subscribe({ after: 'start', families: ['workflow', 'execution'] }), 8)
      await store.append(someStream('user'), 'none', someEvents(2))
      await store.append(wanted, 1, someEvents(2))
      await store.append(other, 1, someEvents(2))
      expect((await ofStream).map(({ stream, revision }) => [stream, revision])).toEqual([0, 1, 2, 3].map((revision) => [wanted, revision]))
      expect(new Set((await ofFamilies).map(({ stream }) => stream))).toEqual(new Set([wanted, other]))
    })

    test('a slow subscriber gets everything that was appended while it was busy', async () => {
      const store = await freshStore()
      const subscription = store.subscribe({ after: 'start' })[Symbol.asyncIterator]()
      await store.append(someStream(), 'none', someEvents(1))
      const seen = [...((await subscription.next()).value as readonly StoredEvent[])]
      // More than any buffer holds: 24 MB in 60 appends.
      for (let index = 0; index < 60; index += 1) await store.append(someStream(), 'none', someEvents(4, 100_000))
      const { length } = await readWholeLog(store, 100)
      while (seen.length < length) seen.push(...((await subscription.next()).value as readonly StoredEvent[]))
      expect(ids(seen)).toEqual(ids(await readWholeLog(store, 100)))
    })

    test('an abort ends a subscription that waits and one that is reading', async () => {
      const store = await freshStore()
      const waiting = new AbortController()
      const reading = new AbortController()
      await store.append(someStream(), 'none', someEvents(2))
      const waited = takeFrom(store.subscribe({ after: 'end', signal: waiting.signal }), 1)
      waiting.abort()
      expect(await waited).toEqual([])
      const seen: StoredEvent[] = []
      for await (const batch of store.subscribe({ after: 'start', signal: reading.signal })) {
        seen.push(...batch)
        reading.abort()
      }
      expect(seen).toHaveLength(2)
    })

    test('many subscribers see the same', async () => {
      const store = await freshStore()
      const last = someEvent()
      const all = Array.from({ length: 20 }, () => takeUntil(store.subscribe({ after: 'start' }), last.id))
      for (let index = 0; index < 30; index += 1) await store.append(someStream(), 'none', someEvents(2))
      await store.append(someStream(), 'none', [last])
      const expected = ids(await readWholeLog(store, 100))
      for (const one of all) expect(ids(await one)).toEqual(expected)
    })
  }
