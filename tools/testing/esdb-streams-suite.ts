import { randomUUID } from 'node:crypto'
// biome-ignore lint/correctness/noUndeclaredDependencies: only the types; the tests of @weconnect/eventstore hand over the library
import type * as eventstore from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServedLog, serveLog } from './event-store-server.ts'

type Client = eventstore.EventStoreDBClient

const someStream = (): string => `orders-${randomUUID()}`
/** Waits for as long as a busy machine may need. */
const eventually = <Value>(get: () => Value) => expect.poll(get, { timeout: 20_000 })
const named = (name: string) => expect.objectContaining({ type: name })

/**
 * What the official clients' own tests and documentation expect of streams, over a real socket.
 * @param names what the two call the same properties of a conflict
 * @param library one of the official clients: the newer one has the same face for what is used here
 */
export const esdbStreamsSuite = (
  name: string,
  library: Omit<typeof eventstore, 'EventStoreDBClient'>,
  connect: (url: string) => Client,
  names = { expected: 'expectedVersion', actual: 'actualVersion' },
): void => {
  const { FORWARDS, BACKWARDS, START, END, jsonEvent, binaryEvent } = library
  const conflict = (expectation: string | bigint, found: string | bigint) => ({
    type: 'wrong-expected-version',
    [names.expected]: expectation,
    [names.actual]: found,
  })
  const someEvents = (count: number, type = 'OrderPlaced') =>
    Array.from({ length: count }, (_, number) => jsonEvent({ type, data: { number } }))

  describe(name, () => {
    let served: ServedLog
    let client: Client
    beforeAll(async () => {
      served = await serveLog()
      client = connect(served.url)
    })
    afterAll(async () => {
      await client.dispose()
      await served.close()
    })

    const read = async (stream: string, options: eventstore.ReadStreamOptions = {}) =>
      (await Array.fromAsync(client.readStream(stream, options))).map(({ event }) => event!)
    const revisions = async (stream: string, options?: eventstore.ReadStreamOptions): Promise<number[]> =>
      (await read(stream, options)).map(({ revision }) => Number(revision))

    describe('appending', () => {
      test('answers revision and position; the events come back as they were', async () => {
        const stream = someStream()
        const before = Date.now()
        const answer = await client.appendToStream(stream, [
          jsonEvent({ type: 'Json', data: { text: 'grün 🌱' }, metadata: { user: 'ann' } }),
          binaryEvent({ type: 'Binary', data: new Uint8Array([0, 255, 7]), metadata: new Uint8Array([1, 0]) }),
        ])
        expect(answer).toMatchObject({ success: true, nextExpectedRevision: 1n })
        const [json, binary] = await read(stream)
        expect(json).toMatchObject({ type: 'Json', data: { text: 'grün 🌱' }, metadata: { user: 'ann' }, isJson: true, streamId: stream })
        expect(json?.created.getTime()).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000)
        expect(binary).toMatchObject({ type: 'Binary', isJson: false, revision: 1n })
        expect([...(binary!.data as Uint8Array)]).toEqual([0, 255, 7])
        expect([...(binary!.metadata as Uint8Array)]).toEqual([1, 0])
      })

      test.each<[string, eventstore.AppendExpectedRevision, string | bigint]>([
        ['no_stream', 'no_stream', 'no_stream'],
        ['too high', 7n, 7n],
        ['too low', 0n, 0n],
      ])('a wrong expectation (%s) is told with the revision that is there', async (_, expectedRevision, expectedVersion) => {
        const stream = someStream()
        await client.appendToStream(stream, someEvents(3))
        const appending = client.appendToStream(stream, someEvents(1), { expectedRevision })
        await expect(appending).rejects.toMatchObject(conflict(expectedVersion, 2n))
        expect(await revisions(stream)).toEqual([0, 1, 2])
      })

      test('stream_exists asks for a stream', async () => {
        const stream = someStream()
        const appending = client.appendToStream(stream, someEvents(1), { expectedRevision: 'stream_exists' })
        await expect(appending).rejects.toMatchObject(conflict('stream_exists', 'no_stream'))
        await client.appendToStream(stream, someEvents(1))
        await client.appendToStream(stream, someEvents(1), { expectedRevision: 'stream_exists' })
        expect(await revisions(stream)).toEqual([0, 1])
      })

      test.each<[eventstore.AppendExpectedRevision]>([['any'], ['no_stream'], ['stream_exists'], [1n]])(
        'a repeat of the same events (%s) is answered as the first time and written once',
        async (expectedRevision) => {
          const stream = someStream()
          if (expectedRevision === 1n || expectedRevision === 'stream_exists') await client.appendToStream(stream, someEvents(2))
          const events = someEvents(3)
          const once = await client.appendToStream(stream, events, { expectedRevision })
          await client.appendToStream(stream, someEvents(2))
          const again = await client.appendToStream(stream, events, { expectedRevision })
          expect(again.nextExpectedRevision).toBe(once.nextExpectedRevision)
          expect(again.position).toEqual(once.position)
          expect(await read(stream)).toHaveLength(Number(once.nextExpectedRevision) + 3)
        },
      )

      test('a repeat of only some of the events is a conflict', async () => {
        const stream = someStream()
        const events = someEvents(2)
        await client.appendToStream(stream, events)
        const appending = client.appendToStream(stream, [...events, ...someEvents(1)])
        await expect(appending).rejects.toMatchObject({ type: 'wrong-expected-version' })
      })

      test('a repeat is recognised by a server that was started anew', async () => {
        const stream = someStream()
        const events = someEvents(3)
        const once = await client.appendToStream(stream, events)
        await served.kill()
        await served.start()
        await eventually(async () => (await client.appendToStream(stream, events).catch(() => undefined))?.position).toEqual(once.position)
        expect(await revisions(stream)).toEqual([0, 1, 2])
      })

      test('what is too large is refused with the limit', async () => {
        const stream = someStream()
        const large = Array.from({ length: 6 }, () => jsonEvent({ type: 'Large', data: { text: 'x'.repeat(200_000) } }))
        await expect(client.appendToStream(stream, large)).rejects.toMatchObject({
          type: 'maximum-append-size-exceeded',
          maxAppendSize: 512 * 1024,
        })
      })

      test('a deadline that has passed is told, and nothing is written', async () => {
        const stream = someStream()
        await expect(client.appendToStream(stream, someEvents(2000), { deadline: -5000 })).rejects.toMatchObject({
          type: 'deadline-exceeded',
        })
        await expect(read(stream)).rejects.toEqual(named('stream-not-found'))
      })

      test('many appends at once to many streams', async () => {
        const streams = Array.from({ length: 40 }, someStream)
        await Promise.all(streams.flatMap((stream) => [1, 2, 3].map(() => client.appendToStream(stream, someEvents(2)))))
        for (const stream of streams) expect(await revisions(stream)).toEqual([0, 1, 2, 3, 4, 5])
      })
    })

    describe('reading a stream', () => {
      test('from any revision, in both directions, up to a limit', async () => {
        const stream = someStream()
        await client.appendToStream(stream, someEvents(5))
        expect(await revisions(stream, { fromRevision: 2n })).toEqual([2, 3, 4])
        expect(await revisions(stream, { fromRevision: 1n, maxCount: 2 })).toEqual([1, 2])
        expect(await revisions(stream, { direction: BACKWARDS, fromRevision: END })).toEqual([4, 3, 2, 1, 0])
        expect(await revisions(stream, { direction: BACKWARDS, fromRevision: 2n, maxCount: 2 })).toEqual([2, 1])
        expect(await revisions(stream, { fromRevision: 9n })).toEqual([])
      })

      test('one that does not exist is told', async () => {
        const stream = someStream()
        await expect(read(stream)).rejects.toMatchObject({ type: 'stream-not-found', streamName: stream })
      })

      test('links are followed when asked for', async () => {
        const [stream, links] = [someStream(), someStream()]
        await client.appendToStream(stream, someEvents(2, 'Target'))
        await client.appendToStream(links, binaryEvent({ type: '$>', data: Buffer.from(`1@${stream}`) }))
        const [resolved] = await Array.fromAsync(client.readStream(links, { resolveLinkTos: true }))
        expect(resolved).toMatchObject({ event: { streamId: stream, revision: 1n, type: 'Target' }, link: { streamId: links, type: '$>' } })
        const [plain] = await Array.fromAsync(client.readStream(links))
        expect(plain).toMatchObject({ event: { streamId: links, type: '$>' } })
      })
    })

    describe('reading $all', () => {
      test('forwards from the position of an event, backwards up to it', async () => {
        const stream = someStream()
        await client.appendToStream(stream, someEvents(2))
        await client.appendToStream(stream, someEvents(3))
        const all = (await Array.fromAsync(client.readAll({ direction: FORWARDS, fromPosition: START }))).map(({ event }) => event!)
        const mine = all.filter(({ streamId }) => streamId === stream)
        expect(mine.map(({ revision }) => Number(revision))).toEqual([0, 1, 2, 3, 4])
        const third = mine[2]!
        const onwards = await Array.fromAsync(client.readAll({ fromPosition: third.position! }))
        expect(onwards.map(({ event }) => event?.id)).toEqual(mine.slice(2).map(({ id }) => id))
        const back = await Array.fromAsync(client.readAll({ direction: BACKWARDS, fromPosition: third.position!, maxCount: 2 }))
        expect(back.map(({ event }) => event?.id)).toEqual([mine[1]?.id, mine[0]?.id])
        const newest = await Array.fromAsync(client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }))
        expect(newest[0]?.event?.id).toBe(mine[4]?.id)
      })
    })

    describe('deleting', () => {
      test('a deleted stream is gone until it is written again, and goes on with its revisions', async () => {
        const stream = someStream()
        await client.appendToStream(stream, someEvents(3))
        await client.deleteStream(stream)
        await expect(read(stream)).rejects.toEqual(named('stream-not-found'))
        await client.appendToStream(stream, someEvents(2, 'Again'), { expectedRevision: 'no_stream' })
        expect(await revisions(stream)).toEqual([3, 4])
        expect((await read(stream)).every(({ type }) => type === 'Again')).toBe(true)
      })

      test('expects a revision like an append does', async () => {
        const stream = someStream()
        await client.appendToStream(stream, someEvents(3))
        await expect(client.deleteStream(stream, { expectedRevision: 1n })).rejects.toMatchObject({
          streamName: stream,
          ...conflict(1n, 2n),
        })
        await expect(client.deleteStream(stream, { expectedRevision: 'no_stream' })).rejects.toEqual(named('wrong-expected-version'))
        await client.deleteStream(stream, { expectedRevision: 2n })
        await expect(read(stream)).rejects.toEqual(named('stream-not-found'))
      })

      test('keeps the rest of the metadata', async () => {
        const stream = someStream()
        await client.setStreamMetadata(stream, { cacheControl: 10, colour: 'red' })
        await client.deleteStream(stream, { expectedRevision: 'no_stream' })
        expect((await client.getStreamMetadata(stream)).metadata).toMatchObject({ cacheControl: 10, colour: 'red' })
      })

      test('a tombstone is for good', async () => {
        const stream = someStream()
        await client.appendToStream(stream, someEvents(2))
        await expect(client.tombstoneStream(stream, { expectedRevision: 5n })).rejects.toEqual(named('wrong-expected-version'))
        await client.tombstoneStream(stream, { expectedRevision: 1n })
        await expect(read(stream)).rejects.toEqual(named('stream-deleted'))
        for (const expectedRevision of ['any', 'no_stream', 2n] as const)
          await expect(client.appendToStream(stream, someEvents(1), { expectedRevision })).rejects.toMatchObject({
            type: 'stream-deleted',
            streamName: stream,
          })
        await expect(client.deleteStream(stream)).rejects.toEqual(named('stream-deleted'))
        await expect(client.setStreamMetadata(stream, { maxCount: 1 })).rejects.toEqual(named('stream-deleted'))
        const [last] = await Array.fromAsync(client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }))
        expect(last?.event).toMatchObject({ type: '$streamDeleted', streamId: stream, revision: 9223372036854775807n })
      })
    })

    describe('metadata and truncation', () => {
      test('metadata come back as written, the newest ones', async () => {
        const stream = someStream()
        expect(await client.getStreamMetadata(stream)).toEqual({ streamName: stream })
        const metadata = {
          maxAge: 2,
          cacheControl: 15,
          truncateBefore: 1,
          maxCount: 12,
          acl: { readRoles: ['admin'], writeRoles: ['admin'], deleteRoles: ['admin'], metaReadRoles: ['admin'], metaWriteRoles: ['admin'] },
        }
        const { nextExpectedRevision } = await client.setStreamMetadata(stream, { turkey: '🦃' })
        await client.setStreamMetadata(stream, metadata, { expectedRevision: nextExpectedRevision })
        expect(await client.getStreamMetadata(stream)).toMatchObject({ streamName: stream, metadata })
        await expect(client.setStreamMetadata(stream, metadata, { expectedRevision: 'no_stream' })).rejects.toEqual(
          named('wrong-expected-version'),
        )
      })

      test('$maxCount shows the newest', async () => {
        const stream = someStream()
        await client.appendToStream(stream, someEvents(5))
        await client.setStreamMetadata(stream, { maxCount: 2 })
        expect(await revisions(stream)).toEqual([3, 4])
        expect(await revisions(stream, { direction: BACKWARDS, fromRevision: END })).toEqual([4, 3])
        await client.appendToStream(stream, someEvents(1))
        expect(await revisions(stream, { fromRevision: 1n })).toEqual([4, 5])
        await client.setStreamMetadata(stream, {})
        expect(await revisions(stream)).toEqual([0, 1, 2, 3, 4, 5])
      })

      test('$tb hides what is before it', async () => {
        const stream = someStream()
        await client.appendToStream(stream, someEvents(5))
        await client.setStreamMetadata(stream, { truncateBefore: 3 })
        expect(await revisions(stream)).toEqual([3, 4])
        expect(await revisions(stream, { direction: BACKWARDS, fromRevision: 3n })).toEqual([3])
        await client.setStreamMetadata(stream, { truncateBefore: 3, maxCount: 1 })
        expect(await revisions(stream)).toEqual([4])
        await client.setStreamMetadata(stream, { truncateBefore: 9 })
        expect(await revisions(stream)).toEqual([])
        expect((await client.appendToStream(stream, someEvents(1), { expectedRevision: 4n })).nextExpectedRevision).toBe(5n)
      })

      test('$maxAge hides what is older', async () => {
        const stream = someStream()
        await client.appendToStream(stream, someEvents(2))
        await client.setStreamMetadata(stream, { maxAge: 3600 })
        expect(await revisions(stream)).toEqual([0, 1])
        await served.setAhead(3_601_000)
        // A deadline is a time of the client's clock.
        await client.appendToStream(stream, someEvents(1), { deadline: 7_200_000 })
        expect(await revisions(stream)).toEqual([2])
        expect(await revisions(stream, { direction: BACKWARDS, fromRevision: END })).toEqual([2])
        await served.setAhead(0)
      })

      test('truncation and deletion outlive the server', async () => {
        const [cut, deleted, tombstoned] = [someStream(), someStream(), someStream()]
        for (const stream of [cut, deleted, tombstoned]) await client.appendToStream(stream, someEvents(3))
        await client.setStreamMetadata(cut, { truncateBefore: 2 })
        await client.deleteStream(deleted)
        await client.tombstoneStream(tombstoned)
        await served.kill()
        await served.start()
        await eventually(() => revisions(cut).catch(() => 'not yet')).toEqual([2])
        await expect(read(deleted)).rejects.toEqual(named('stream-not-found'))
        await expect(read(tombstoned)).rejects.toEqual(named('stream-deleted'))
      })
    })

    describe('subscribing', () => {
      type Subscription = eventstore.StreamSubscription | eventstore.AllStreamSubscription
      /** Event types, and `caught up`, until the condition holds. */
      const follow = (subscription: Subscription, enough: (seen: readonly string[]) => boolean): Promise<string[]> => {
        const seen: string[] = []
        return new Promise((resolve, reject) => {
          const add = (what: string): void => {
            seen.push(what)
            if (enough(seen)) void subscription.unsubscribe().then(() => resolve(seen))
          }
          subscription.on('error', reject)
          subscription.on('caughtUp', () => add('caught up'))
          subscription.on('data', ({ event }: { event?: { type: string } }) => add(event?.type ?? 'nothing'))
        })
      }

      test('a stream from its start: the past, caught up, and what comes', async () => {
        const stream = someStream()
        await client.appendToStream(stream, [...someEvents(1, 'A'), ...someEvents(1, 'B')])
        const seen = follow(client.subscribeToStream(stream), ({ length }) => length === 4)
        await client.appendToStream(stream, someEvents(1, 'C'))
        expect((await seen).filter((what) => what !== 'caught up')).toEqual(['A', 'B', 'C'])
        expect(await seen).toContain('caught up')
      })

      test('a stream after a revision, one that does not exist yet, and only what is new', async () => {
        const [stream, unborn] = [someStream(), someStream()]
        await client.appendToStream(stream, [...someEvents(1, 'A'), ...someEvents(1, 'B'), ...someEvents(1, 'C')])
        const after = follow(client.subscribeToStream(stream, { fromRevision: 0n }), (seen) => seen.includes('D'))
        const born = follow(client.subscribeToStream(unborn), (seen) => seen.includes('First'))
        const live = client.subscribeToStream(stream, { fromRevision: END })
        const fresh = follow(live, (seen) => seen.includes('D'))
        await new Promise((resolve) => live.once('confirmation', resolve))
        await client.appendToStream(unborn, someEvents(1, 'First'))
        await client.appendToStream(stream, someEvents(1, 'D'))
        expect((await after).filter((what) => what !== 'caught up')).toEqual(['B', 'C', 'D'])
        expect(await born).toEqual(['caught up', 'First'])
        expect(await fresh).toEqual(['caught up', 'D'])
      })

      test('a stream with a truncation point, and one that is tombstoned under the subscriber', async () => {
        const stream = someStream()
        await client.appendToStream(stream, [...someEvents(2, 'Gone'), ...someEvents(1, 'Kept')])
        await client.setStreamMetadata(stream, { truncateBefore: 2 })
        expect(await follow(client.subscribeToStream(stream), ({ length }) => length === 2)).toEqual(['Kept', 'caught up'])
        const subscription = client.subscribeToStream(stream)
        const failed = new Promise((resolve) => subscription.once('error', resolve))
        subscription.on('data', () => undefined)
        await new Promise((resolve) => subscription.once('caughtUp', resolve))
        await client.tombstoneStream(stream)
        expect(await failed).toMatchObject({ type: 'stream-deleted' })
      })

      test.each<[string, (mark: string) => eventstore.Filter]>([
        ['stream prefix', (mark) => library.streamNameFilter({ prefixes: [`never-`, `${mark}-`] })],
        ['stream expression', (mark) => library.streamNameFilter({ regex: `^${mark}-[0-9a-f-]+$` })],
        ['type prefix', (mark) => library.eventTypeFilter({ prefixes: [mark] })],
        ['type expression', (mark) => library.eventTypeFilter({ regex: `^${mark}.$` })],
      ])('$all by %s', async (_, filter) => {
        const mark = `mark${randomUUID().slice(0, 8)}`
        const append = async (letter: string): Promise<void> => {
          await client.appendToStream(`${mark}-${randomUUID()}`, someEvents(1, mark + letter))
          await client.appendToStream(someStream(), someEvents(3, 'Noise'))
        }
        await append('a')
        const seen = follow(client.subscribeToAll({ filter: filter(mark) }), (all) => all.includes(`${mark}c`))
        await append('b')
        await append('c')
        expect((await seen).filter((what) => what !== 'caught up')).toEqual([`${mark}a`, `${mark}b`, `${mark}c`])
      })

      test('checkpoints tell how far a filtered subscription has looked, and one can be resumed there', async () => {
        const mark = `mark${randomUUID().slice(0, 8)}`
        const checkpoints: eventstore.Position[] = []
        const checkpointReached = async (_: unknown, position: eventstore.Position): Promise<void> => void checkpoints.push(position)
        const filter = library.eventTypeFilter({ prefixes: [mark], maxSearchWindow: 5, checkpointInterval: 2, checkpointReached })
        for (let index = 0; index < 15; index += 1) await client.appendToStream(someStream(), someEvents(2, 'Noise'))
        const first = follow(client.subscribeToAll({ filter }), (seen) => seen.includes(mark))
        await client.appendToStream(someStream(), someEvents(1, mark))
        await first
        expect(checkpoints.length).toBeGreaterThanOrEqual(3)
        const last = checkpoints.at(-1)!
        const resumed = follow(
          client.subscribeToAll({ fromPosition: last, filter: library.eventTypeFilter({ prefixes: [mark] }) }),
          (seen) => seen.includes(mark),
        )
        expect((await resumed).filter((what) => what === mark)).toEqual([mark])
      })
    })
  })

  test('the events of one append share a commit position, each has a prepare position of its own', async () => {
    const served = await serveLog()
    const client = connect(served.url)
    await client.appendToStream(someStream(), someEvents(3))
    const { position } = await client.appendToStream(someStream(), someEvents(2))
    const all = await Array.fromAsync(client.readAll())
    expect(all.map(({ event }) => event?.position)).toEqual([
      { commit: 3n, prepare: 1n },
      { commit: 3n, prepare: 2n },
      { commit: 3n, prepare: 3n },
      { commit: 5n, prepare: 4n },
      { commit: 5n, prepare: 5n },
    ])
    expect(position).toEqual({ commit: 5n, prepare: 5n })
    await client.dispose()
    await served.close()
  })

  test('a filter whose expression is none is refused', async () => {
    const served = await serveLog()
    const client = connect(served.url)
    const subscription = client.subscribeToAll({ filter: library.eventTypeFilter({ regex: '(' }) })
    const failed = new Promise((resolve) => subscription.once('error', resolve))
    subscription.on('data', () => undefined)
    expect(await failed).toBeInstanceOf(Error)
    await client.dispose()
    await served.close()
  })
}
