import { randomUUID } from 'node:crypto'
// biome-ignore lint/correctness/noUndeclaredDependencies: only the types; the tests of @weconnect/eventstore hand over the library
import type * as eventstore from '@eventstore/db-client'
import { expect, test } from 'vitest'
import { ack, type Event, idOf, nack, type Subscription, typeOf, work } from './persistent-consumer.ts'
import { groupsOf } from './persistent-groups.ts'
import { type ServedClient, someName } from './served-client.ts'

/** Which events a consumer is given, and which come again. */
export const delivering = (at: ServedClient): void => {
  const { START, END } = at.library
  const { join, parkedIn, settings, someEvents } = groupsOf(at)

  test.each<[string, eventstore.PersistentSubscriptionToStreamSettings['startFrom'], readonly string[]]>([
    ['the start', START, ['A', 'B', 'C', 'New']],
    ['a revision', 1n, ['B', 'C', 'New']],
    ['the end', END, ['New']],
  ])('a group that starts at %s gets what follows', async (_, startFrom, expected) => {
    const [stream, group] = [someName('jobs'), someName('group')]
    await at.client.appendToStream(
      stream,
      ['A', 'B', 'C'].flatMap((type) => someEvents(1, type)),
    )
    await at.client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom }))
    const working = work(join(stream, group), ack, (seen) => seen.length === expected.length)
    await at.client.appendToStream(stream, someEvents(1, 'New'))
    expect((await working).map(typeOf)).toEqual(expected)
  })

  test('a hundred events one after the other, each acknowledged, come once', async () => {
    const [stream, group] = [someName('jobs'), someName('group')]
    await at.client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom: START }))
    await at.client.appendToStream(stream, someEvents(100))
    const seen = await work(join(stream, group), ack, ({ length }) => length === 100)
    expect(seen.map(({ event }) => Number(event?.revision))).toEqual(Array.from({ length: 100 }, (_, revision) => revision))
    expect(new Set(seen.map(({ retryCount }) => retryCount))).toEqual(new Set([0]))
  })

  test('skip ends a message, retry brings it again', async () => {
    const [stream, group] = [someName('jobs'), someName('group')]
    await at.client.appendToStream(stream, [...someEvents(20, 'Skip'), ...someEvents(20, 'Retry'), ...someEvents(1, 'Last')])
    await at.client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom: START }))
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

  test('what is not answered in time comes again', async () => {
    const [stream, group] = [someName('jobs'), someName('group')]
    await at.client.appendToStream(stream, someEvents(1))
    await at.client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom: START, messageTimeout: 200 }))
    const late = async (event: Event, subscription: Subscription): Promise<void> => {
      if (event.retryCount > 0) await ack(event, subscription)
    }
    const seen = await work(join(stream, group), late, ({ length }) => length === 2)
    expect(seen.map(({ retryCount }) => retryCount)).toEqual([0, 1])
  })

  test('what a consumer has not answered when it leaves goes to another', async () => {
    const [stream, group] = [someName('jobs'), someName('group')]
    await at.client.appendToStream(stream, someEvents(5))
    await at.client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom: START }))
    await work(
      join(stream, group),
      async () => undefined,
      ({ length }) => length === 5,
    )
    const seen = await work(join(stream, group), ack, ({ length }) => length === 5)
    expect(seen).toHaveLength(5)
  })

  test('$all with a filter, from the start and from a position', async () => {
    const mark = `mark${randomUUID().slice(0, 8)}`
    await at.client.appendToStream(someName('jobs'), someEvents(1, `${mark}a`))
    const { position } = await at.client.appendToStream(someName('jobs'), someEvents(1, `${mark}b`))
    const all = at.library.persistentSubscriptionToAllSettingsFromDefaults
    const filter = at.library.eventTypeFilter({ prefixes: [mark] })
    const [whole, part] = [someName('group'), someName('group')]
    await at.client.createPersistentSubscriptionToAll(whole, all({ startFrom: START }), { filter })
    await at.client.createPersistentSubscriptionToAll(part, all({ startFrom: position as eventstore.Position }), { filter })
    await at.client.appendToStream(someName('jobs'), [...someEvents(3, 'Noise'), ...someEvents(1, `${mark}c`)])
    const read = (group: string) =>
      work(at.client.subscribeToPersistentSubscriptionToAll(group), ack, (seen) => seen.some((event) => typeOf(event) === `${mark}c`))
    expect((await read(whole)).map(typeOf)).toEqual([`${mark}a`, `${mark}b`, `${mark}c`])
    expect((await read(part)).map(typeOf)).toEqual([`${mark}b`, `${mark}c`])
  })
}
