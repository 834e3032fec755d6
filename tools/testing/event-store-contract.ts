import { randomBytes, randomUUID } from 'node:crypto'
import type { ErrorCode } from '@weconnect/contracts/errors'
import type { EventBytes, EventStore, StoredEvent, WorkOf } from '@weconnect/eventstore/port'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'

export interface OpenedStore {
  readonly store: EventStore
  /** Closes it and opens the same log again. */
  reopen(): Promise<EventStore>
  /** Closes it and removes the log. */
  close(): Promise<void>
}

/** An event of the given size in bytes, filled at random. */
export const someEvent = (bytes = 40): EventBytes => ({
  id: randomUUID(),
  type: 'StepCompleted',
  data: randomBytes(bytes),
  metadata: randomBytes(8),
})
export const someEvents = (count: number, bytes?: number): EventBytes[] => Array.from({ length: count }, () => someEvent(bytes))
export const someStream = (family = 'execution'): string => `${family}-${randomUUID()}`

const collect = async (events: AsyncIterable<StoredEvent>): Promise<StoredEvent[]> => Array.fromAsync(events)
const ids = (events: readonly EventBytes[]): string[] => events.map(({ id }) => id)
const failing = (code: ErrorCode) => expect.objectContaining({ code })

/** Reads a subscription until it has brought `count` events. */
const takeFrom = async (subscription: AsyncIterable<readonly StoredEvent[]>, count: number): Promise<StoredEvent[]> => {
  const taken: StoredEvent[] = []
  if (count === 0) return taken
  for await (const batch of subscription) {
    taken.push(...batch)
    if (taken.length >= count) break
  }
  return taken
}

/** A marker that ends a wait: when it has arrived, so has everything before it. */
const takeUntil = async (subscription: AsyncIterable<readonly StoredEvent[]>, lastId: string): Promise<StoredEvent[]> => {
  const taken: StoredEvent[] = []
  for await (const batch of subscription) {
    taken.push(...batch)
    if (batch.some(({ id }) => id === lastId)) break
  }
  return taken
}

const readWholeLog = async (store: EventStore, limit: number): Promise<StoredEvent[]> => {
  const all: StoredEvent[] = []
  for (;;) {
    const page = await store.readAll({ after: all.at(-1)?.position, limit })
    if (page.length === 0) return all
    all.push(...page)
  }
}

/** What every event store must do, whatever holds its bytes. */
export const eventStoreContract = (name: string, open: (options?: { workOf?: WorkOf }) => Promise<OpenedStore>): void => {
  const opened: OpenedStore[] = []
  const fresh = async (options?: { workOf?: WorkOf }): Promise<OpenedStore> => {
    const one = await open(options)
    opened.push(one)
    return one
  }
  const freshStore = async (): Promise<EventStore> => (await fresh()).store
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close()
  })

  describe(`${name}: appending`, () => {
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
  })

  describe(`${name}: reading`, () => {
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
  })

  describe(`${name}: subscribing`, () => {
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
  })

  describe(`${name}: work`, () => {
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
  })
}
