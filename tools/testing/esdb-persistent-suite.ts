import { randomUUID } from 'node:crypto'
// biome-ignore lint/correctness/noUndeclaredDependencies: only the types; the tests of @weconnect/eventstore hand over the library
import type * as eventstore from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServedLog, serveLog } from './event-store-server.ts'

type Client = eventstore.EventStoreDBClient
type Event = eventstore.PersistentSubscriptionToStreamResolvedEvent | eventstore.PersistentSubscriptionToAllResolvedEvent
type Subscription = eventstore.PersistentSubscriptionToStream | eventstore.PersistentSubscriptionToAll

const someName = (what: string): string => `${what}-${randomUUID()}`
/** Waits for as long as a busy machine may need. */
const eventually = <Value>(get: () => Value) => expect.poll(get, { timeout: 20_000 })
const named = (name: string) => expect.objectContaining({ type: name })
const typeOf = ({ event }: Event): string => event?.type ?? 'nothing'
const idOf = ({ event }: Event): string => event?.id ?? ''

/** What the official clients' own tests and documentation expect of persistent subscriptions, over a real socket. */
export const esdbPersistentSuite = (
  name: string,
  library: Omit<typeof eventstore, 'EventStoreDBClient'>,
  connect: (url: string) => Client,
): void => {
  const { START, END, jsonEvent } = library
  const settings = library.persistentSubscriptionToStreamSettingsFromDefaults
  const someEvents = (count: number, type = 'Work') => Array.from({ length: count }, (_, number) => jsonEvent({ type, data: { number } }))

  describe(`${name}: persistent subscriptions`, () => {
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

    /** Answers each event, until there are enough. */
    const work = async (
      subscription: Subscription,
      answer: (event: Event, subscription: Subscription) => Promise<void>,
      enough: (seen: readonly Event[]) => boolean | Promise<boolean>,
    ): Promise<Event[]> => {
      const seen: Event[] = []
      for await (const event of subscription as AsyncIterable<Event>) {
        seen.push(event)
        await answer(event, subscription)
        if (await enough(seen)) break
      }
      await subscription.unsubscribe()
      return seen
    }
    const ack = (event: Event, subscription: Subscription): Promise<void> => subscription.ack(event as never)
    const nack =
      (action: eventstore.PersistentAction) =>
      (event: Event, subscription: Subscription): Promise<void> =>
        subscription.nack(action, 'because', event as never)
    const join = (stream: string, group: string, bufferSize = 10) =>
      client.subscribeToPersistentSubscriptionToStream(stream, group, { bufferSize })
    const infoOf = (stream: string, group: string) => client.getPersistentSubscriptionToStreamInfo(stream, group)
    const parkedIn = async (stream: string, group: string): Promise<bigint> => (await infoOf(stream, group)).stats.parkedMessageCount

    test.each<[string, eventstore.PersistentSubscriptionToStreamSettings['startFrom'], readonly string[]]>([
      ['the start', START, ['A', 'B', 'C', 'New']],
      ['a revision', 1n, ['B', 'C', 'New']],
      ['the end', END, ['New']],
    ])('a group that starts at %s gets what follows', async (_, startFrom, expected) => {
      const [stream, group] = [someName('jobs'), someName('group')]
      await client.appendToStream(
        stream,
        ['A', 'B', 'C'].flatMap((type) => someEvents(1, type)),
      )
      await client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom }))
      const working = work(join(stream, group), ack, (seen) => seen.length === expected.length)
      await client.appendToStream(stream, someEvents(1, 'New'))
      expect((await working).map(typeOf)).toEqual(expected)
    })

    test('a hundred events one after the other, each acknowledged, come once', async () => {
      const [stream, group] = [someName('jobs'), someName('group')]
      await client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom: START }))
      await client.appendToStream(stream, someEvents(100))
      const seen = await work(join(stream, group), ack, ({ length }) => length === 100)
      expect(seen.map(({ event }) => Number(event?.revision))).toEqual(Array.from({ length: 100 }, (_, revision) => revision))
      expect(new Set(seen.map(({ retryCount }) => retryCount))).toEqual(new Set([0]))
    })

    test('skip ends a message, retry brings it again', async () => {
      const [stream, group] = [someName('jobs'), someName('group')]
      await client.appendToStream(stream, [...someEvents(20, 'Skip'), ...someEvents(20, 'Retry'), ...someEvents(1, 'Last')])
      await client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom: START }))
      const once = new Set<string>()
      const answer = async (event: Event, subscription: Subscription): Promise<void> => {
        const again = once.has(idOf(event))
        once.add(idOf(event))
        if (typeOf(event) === 'Skip') return nack('skip')(event, subscription)
        return typeOf(event) === 'Retry' && !again ? nack('retry')(event, subscription) : ack(event, subscription)
      }
      const seen = await work(join(stream, group), answer, ({ length }) => length === 61)
      const counts = (type: string): number => seen.filter((event) => typeOf(event) === type).length
      expect([counts('Skip'), counts('Retry'), counts('Last')]).toEqual([20, 40, 1])
      expect(seen.filter(({ retryCount }) => retryCount === 1)).toHaveLength(20)
      expect(await parkedIn(stream, group)).toBe(0n)
    })

    test('what is retried too often is parked', async () => {
      const [stream, group] = [someName('jobs'), someName('group')]
      await client.appendToStream(stream, [...someEvents(1, 'Poison'), ...someEvents(1, 'Good')])
      await client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom: START, maxRetryCount: 2 }))
      const answer = (event: Event, subscription: Subscription): Promise<void> =>
        typeOf(event) === 'Poison' ? nack('retry')(event, subscription) : ack(event, subscription)
      const seen = await work(join(stream, group), answer, async ({ length }) => {
        if (length < 4) return false
        await eventually(() => parkedIn(stream, group)).toBe(1n)
        return true
      })
      expect(seen.filter((event) => typeOf(event) === 'Poison').map(({ retryCount }) => retryCount)).toEqual([0, 1, 2])
    })

    test('what is not answered in time comes again', async () => {
      const [stream, group] = [someName('jobs'), someName('group')]
      await client.appendToStream(stream, someEvents(1))
      await client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom: START, messageTimeout: 200 }))
      const late = async (event: Event, subscription: Subscription): Promise<void> => {
        if (event.retryCount > 0) await ack(event, subscription)
      }
      const seen = await work(join(stream, group), late, ({ length }) => length === 2)
      expect(seen.map(({ retryCount }) => retryCount)).toEqual([0, 1])
    })

    test('what a consumer has not answered when it leaves goes to another', async () => {
      const [stream, group] = [someName('jobs'), someName('group')]
      await client.appendToStream(stream, someEvents(5))
      await client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom: START }))
      await work(
        join(stream, group),
        async () => undefined,
        ({ length }) => length === 5,
      )
      const seen = await work(join(stream, group), ack, ({ length }) => length === 5)
      expect(seen).toHaveLength(5)
    })

    test('parked messages are listed, replayed up to a place in the list, and replayed all', async () => {
      const [stream, group] = [someName('jobs'), someName('group')]
      await client.appendToStream(stream, someEvents(6))
      await client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom: START }))
      // An answer is on its way when the client leaves, and then it is lost: so each consumer stays until it was heard.
      const parkedIs =
        (events: number, parked: bigint) =>
        async (seen: readonly Event[]): Promise<boolean> => {
          if (seen.length < events) return false
          await expect
            .poll(async () => (await infoOf(stream, group)).stats)
            .toMatchObject({ parkedMessageCount: parked, totalInFlightMessages: 0 })
          return true
        }
      await work(join(stream, group), nack('park'), parkedIs(6, 6n))
      const links = await Array.fromAsync(client.readStream(`$persistentsubscription-${stream}::${group}-parked`, { resolveLinkTos: true }))
      expect(links.map(({ event, link }) => [event?.streamId, link?.type])).toEqual(Array.from({ length: 6 }, () => [stream, '$>']))

      const first = work(join(stream, group), ack, parkedIs(2, 4n))
      await client.replayParkedMessagesToStream(stream, group, { stopAt: 2 })
      expect((await first).map(({ event }) => Number(event?.revision))).toEqual([0, 1])

      const rest = work(join(stream, group), ack, parkedIs(4, 0n))
      await client.replayParkedMessagesToStream(stream, group)
      expect((await rest).map(({ event }) => Number(event?.revision))).toEqual([2, 3, 4, 5])
    })

    test('checkpoint and parked messages outlive the server; what was done is not delivered again', async () => {
      const [stream, group] = [someName('jobs'), someName('group')]
      await client.appendToStream(stream, someEvents(10))
      await client.createPersistentSubscriptionToStream(
        stream,
        group,
        settings({ startFrom: START, checkPointLowerBound: 1, checkPointUpperBound: 1 }),
      )
      const answer = (event: Event, subscription: Subscription): Promise<void> =>
        event.event?.revision === 3n ? nack('park')(event, subscription) : ack(event, subscription)
      await work(join(stream, group), answer, async ({ length }) => {
        if (length < 10) return false
        await eventually(async () => (await infoOf(stream, group)).stats.lastCheckpointedEventRevision).toBe(9n)
        return true
      })
      await served.kill()
      await served.start()
      await eventually(() => parkedIn(stream, group).catch(() => 'not yet')).toBe(1n)
      const working = work(join(stream, group), ack, ({ length }) => length === 2)
      await client.appendToStream(stream, someEvents(1, 'New'))
      await client.replayParkedMessagesToStream(stream, group)
      expect((await working).map(({ event }) => Number(event?.revision)).sort()).toEqual([10, 3])
    })

    test('two consumers share the work', async () => {
      const [stream, group] = [someName('jobs'), someName('group')]
      await client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom: START }))
      const counts = [0, 0]
      const done = Promise.withResolvers<void>()
      const subscriptions = counts.map((_, index) =>
        join(stream, group, 5).on('data', async (event) => {
          counts[index] = (counts[index] ?? 0) + 1
          await subscriptions[index]?.ack(event)
          if ((counts[0] ?? 0) + (counts[1] ?? 0) === 40) done.resolve()
        }),
      )
      await Promise.all(subscriptions.map((subscription) => new Promise((resolve) => subscription.once('confirmation', resolve))))
      await eventually(async () => (await infoOf(stream, group)).connections.length).toBe(2)
      await client.appendToStream(stream, someEvents(40))
      await done.promise
      expect(Math.min(...counts)).toBeGreaterThan(0)
      for (const subscription of subscriptions) await subscription.unsubscribe()
    })

    test('pinned: one consumer gets all of a stream', async () => {
      const group = someName('group')
      const mark = randomUUID().slice(0, 8)
      await client.createPersistentSubscriptionToAll(
        group,
        library.persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START, consumerStrategyName: library.PINNED }),
        { filter: library.streamNameFilter({ prefixes: [`pin${mark}-`] }) },
      )
      const owners = new Map<string, Set<number>>()
      const done = Promise.withResolvers<void>()
      let total = 0
      const subscriptions = [0, 1].map((index) => {
        const subscription = client.subscribeToPersistentSubscriptionToAll(group)
        subscription.on('data', async (event) => {
          const stream = event.event?.streamId ?? ''
          owners.set(stream, (owners.get(stream) ?? new Set()).add(index))
          await subscription.ack(event)
          total += 1
          if (total === 60) done.resolve()
        })
        return subscription
      })
      await eventually(async () => (await client.getPersistentSubscriptionToAllInfo(group)).connections.length).toBe(2)
      for (let index = 0; index < 12; index += 1) await client.appendToStream(`pin${mark}-${index}`, someEvents(5))
      await done.promise
      expect([...owners.values()].every(({ size }) => size === 1)).toBe(true)
      expect(new Set([...owners.values()].flatMap((one) => [...one])).size).toBe(2)
      for (const subscription of subscriptions) await subscription.unsubscribe()
    })

    test('$all with a filter, from the start and from a position', async () => {
      const mark = `mark${randomUUID().slice(0, 8)}`
      await client.appendToStream(someName('jobs'), someEvents(1, `${mark}a`))
      const { position } = await client.appendToStream(someName('jobs'), someEvents(1, `${mark}b`))
      const all = library.persistentSubscriptionToAllSettingsFromDefaults
      const filter = library.eventTypeFilter({ prefixes: [mark] })
      const [whole, part] = [someName('group'), someName('group')]
      await client.createPersistentSubscriptionToAll(whole, all({ startFrom: START }), { filter })
      await client.createPersistentSubscriptionToAll(part, all({ startFrom: position as eventstore.Position }), { filter })
      await client.appendToStream(someName('jobs'), [...someEvents(3, 'Noise'), ...someEvents(1, `${mark}c`)])
      const read = (group: string) =>
        work(client.subscribeToPersistentSubscriptionToAll(group), ack, (seen) => seen.some((event) => typeOf(event) === `${mark}c`))
      expect((await read(whole)).map(typeOf)).toEqual([`${mark}a`, `${mark}b`, `${mark}c`])
      expect((await read(part)).map(typeOf)).toEqual([`${mark}b`, `${mark}c`])
    })

    test('info tells settings, connections and progress; an update ends connections and keeps the place', async () => {
      const [stream, group] = [someName('jobs'), someName('group')]
      const first = settings({ startFrom: START, extraStatistics: true, checkPointLowerBound: 1, checkPointUpperBound: 1 })
      await client.createPersistentSubscriptionToStream(stream, group, first)
      expect(await infoOf(stream, group)).toMatchObject({ eventSource: stream, groupName: group, settings: first, connections: [] })
      expect((await infoOf(stream, group)).stats.lastKnownEventRevision).toBeUndefined()
      await client.appendToStream(stream, someEvents(3))
      let acknowledged = 0
      const subscription = join(stream, group)
      const dropped = new Promise((resolve) => subscription.once('error', resolve))
      subscription.on('data', async (event) => {
        await subscription.ack(event)
        acknowledged += 1
      })
      await eventually(() => acknowledged).toBe(3)
      await eventually(async () => (await infoOf(stream, group)).stats.lastCheckpointedEventRevision).toBe(2n)
      const { connections, stats } = await infoOf(stream, group)
      expect(connections).toHaveLength(1)
      expect(connections[0]).toMatchObject({ connectionName: client.connectionName, totalItems: 3n })
      expect(connections[0]?.extraStatistics?.get('quintile 3')).toBeDefined()
      expect(stats).toMatchObject({ totalItems: 3n, lastKnownEventRevision: 2n, parkedMessageCount: 0n })

      const second = settings({ ...first, startFrom: 1n, maxSubscriberCount: 1, consumerStrategyName: library.DISPATCH_TO_SINGLE })
      await client.updatePersistentSubscriptionToStream(stream, group, second)
      expect(await dropped).toMatchObject({ type: 'persistent-subscription-dropped' })
      expect((await infoOf(stream, group)).settings).toEqual(second)
      const working = work(join(stream, group), ack, ({ length }) => length === 1)
      await client.appendToStream(stream, someEvents(1, 'New'))
      expect((await working).map(typeOf)).toEqual(['New'])
    })

    test('groups are listed, by stream and all; a deleted one is gone', async () => {
      const [stream, other] = [someName('jobs'), someName('jobs')]
      const groups = [someName('group'), someName('group')]
      for (const group of groups) await client.createPersistentSubscriptionToStream(stream, group, settings())
      await client.createPersistentSubscriptionToStream(other, 'one', settings())
      const names = (list: readonly { groupName: string }[]): string[] => list.map(({ groupName }) => groupName).sort()
      expect(names(await client.listPersistentSubscriptionsToStream(stream))).toEqual([...groups].sort())
      expect(names(await client.listAllPersistentSubscriptions())).toEqual(expect.arrayContaining([...groups, 'one']))
      const subscription = join(other, 'one')
      const dropped = new Promise((resolve) => subscription.once('error', resolve))
      subscription.on('data', () => undefined)
      await new Promise((resolve) => subscription.once('confirmation', resolve))
      await eventually(async () => (await infoOf(other, 'one')).connections.length).toBe(1)
      await client.deletePersistentSubscriptionToStream(other, 'one')
      expect(await dropped).toMatchObject({ type: 'persistent-subscription-dropped' })
      await expect(infoOf(other, 'one')).rejects.toEqual(named('persistent-subscription-does-not-exist'))
      await client.restartPersistentSubscriptionSubsystem()
      await expect(infoOf(other, 'one')).rejects.toEqual(named('persistent-subscription-does-not-exist'))
      expect(names(await client.listPersistentSubscriptionsToStream(stream))).toEqual([...groups].sort())
    })

    test('errors say what is wrong', async () => {
      const [stream, group] = [someName('jobs'), someName('group')]
      const missing = { type: 'persistent-subscription-does-not-exist', streamName: stream, groupName: group }
      await expect(infoOf(stream, group)).rejects.toMatchObject(missing)
      await expect(client.updatePersistentSubscriptionToStream(stream, group, settings())).rejects.toMatchObject(missing)
      await expect(client.deletePersistentSubscriptionToStream(stream, group)).rejects.toMatchObject(missing)
      await expect(client.replayParkedMessagesToStream(stream, group)).rejects.toMatchObject(missing)
      await expect(client.listPersistentSubscriptionsToStream(stream)).rejects.toMatchObject({ ...missing, groupName: '' })
      await expect(work(join(stream, group), ack, () => true)).rejects.toMatchObject(missing)
      await client.createPersistentSubscriptionToStream(stream, group, settings({ maxSubscriberCount: 1 }))
      await expect(client.createPersistentSubscriptionToStream(stream, group, settings())).rejects.toMatchObject({
        type: 'persistent-subscription-exists',
        streamName: stream,
        groupName: group,
      })
      const first = join(stream, group)
      first.on('data', () => undefined)
      await eventually(async () => (await infoOf(stream, group)).connections.length).toBe(1)
      await expect(work(join(stream, group), ack, () => true)).rejects.toEqual(named('maximum-subscribers-reached'))
      await first.unsubscribe()
    })
  })
}
