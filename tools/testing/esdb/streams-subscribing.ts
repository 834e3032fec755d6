import { randomUUID } from 'node:crypto'
// biome-ignore lint/correctness/noUndeclaredDependencies: only the types; the tests of @weconnect/eventstore hand over the library
import type * as eventstore from '@eventstore/db-client'
import { expect, test } from 'vitest'
import { type ServedClient, someStream } from './served-client.ts'

/** What subscriptions bring. */
export const subscribing = (at: ServedClient): void => {
  const { END } = at.library
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
    await at.client.appendToStream(stream, [...at.someEvents(1, 'A'), ...at.someEvents(1, 'B')])
    const seen = follow(at.client.subscribeToStream(stream), ({ length }) => length === 4)
    await at.client.appendToStream(stream, at.someEvents(1, 'C'))
    expect((await seen).filter((what) => what !== 'caught up')).toEqual(['A', 'B', 'C'])
    expect(await seen).toContain('caught up')
  })

  test('a stream after a revision, one that does not exist yet, and only what is new', async () => {
    const [stream, unborn] = [someStream(), someStream()]
    await at.client.appendToStream(stream, [...at.someEvents(1, 'A'), ...at.someEvents(1, 'B'), ...at.someEvents(1, 'C')])
    const after = follow(at.client.subscribeToStream(stream, { fromRevision: 0n }), (seen) => seen.includes('D'))
    const born = follow(at.client.subscribeToStream(unborn), (seen) => seen.includes('First'))
    const live = at.client.subscribeToStream(stream, { fromRevision: END })
    const fresh = follow(live, (seen) => seen.includes('D'))
    await new Promise((resolve) => live.once('confirmation', resolve))
    await at.client.appendToStream(unborn, at.someEvents(1, 'First'))
    await at.client.appendToStream(stream, at.someEvents(1, 'D'))
    expect((await after).filter((what) => what !== 'caught up')).toEqual(['B', 'C', 'D'])
    expect(await born).toEqual(['caught up', 'First'])
    expect(await fresh).toEqual(['caught up', 'D'])
  })

  test('a stream with a truncation point, and one that is tombstoned under the subscriber', async () => {
    const stream = someStream()
    await at.client.appendToStream(stream, [...at.someEvents(2, 'Gone'), ...at.someEvents(1, 'Kept')])
    await at.client.setStreamMetadata(stream, { truncateBefore: 2 })
    expect(await follow(at.client.subscribeToStream(stream), ({ length }) => length === 2)).toEqual(['Kept', 'caught up'])
    const subscription = at.client.subscribeToStream(stream)
    const failed = new Promise((resolve) => subscription.once('error', resolve))
    subscription.on('data', () => undefined)
    await new Promise((resolve) => subscription.once('caughtUp', resolve))
    await at.client.tombstoneStream(stream)
    expect(await failed).toMatchObject({ type: 'stream-deleted' })
  })

  test.each<[string, (mark: string) => eventstore.Filter]>([
    ['stream prefix', (mark) => at.library.streamNameFilter({ prefixes: [`never-`, `${mark}-`] })],
    ['stream expression', (mark) => at.library.streamNameFilter({ regex: `^${mark}-[0-9a-f-]+$` })],
    ['type prefix', (mark) => at.library.eventTypeFilter({ prefixes: [mark] })],
    ['type expression', (mark) => at.library.eventTypeFilter({ regex: `^${mark}.$` })],
  ])('$all by %s', async (_, filter) => {
    const mark = `mark${randomUUID().slice(0, 8)}`
    const append = async (letter: string): Promise<void> => {
      await at.client.appendToStream(`${mark}-${randomUUID()}`, at.someEvents(1, mark + letter))
      await at.client.appendToStream(someStream(), at.someEvents(3, 'Noise'))
    }
    await append('a')
    const seen = follow(at.client.subscribeToAll({ filter: filter(mark) }), (all) => all.includes(`${mark}c`))
    await append('b')
    await append('c')
    expect((await seen).filter((what) => what !== 'caught up')).toEqual([`${mark}a`, `${mark}b`, `${mark}c`])
  })

  test('checkpoints tell how far a filtered subscription has looked, and one can be resumed there', async () => {
    const mark = `mark${randomUUID().slice(0, 8)}`
    const checkpoints: eventstore.Position[] = []
    const checkpointReached = async (_: unknown, position: eventstore.Position): Promise<void> => void checkpoints.push(position)
    const filter = at.library.eventTypeFilter({ prefixes: [mark], maxSearchWindow: 5, checkpointInterval: 2, checkpointReached })
    for (let index = 0; index < 15; index += 1) await at.client.appendToStream(someStream(), at.someEvents(2, 'Noise'))
    const first = follow(at.client.subscribeToAll({ filter }), (seen) => seen.includes(mark))
    await at.client.appendToStream(someStream(), at.someEvents(1, mark))
    await first
    expect(checkpoints.length).toBeGreaterThanOrEqual(3)
    const last = checkpoints.at(-1)!
    const resumed = follow(
      at.client.subscribeToAll({ fromPosition: last, filter: at.library.eventTypeFilter({ prefixes: [mark] }) }),
      (seen) => seen.includes(mark),
    )
    expect((await resumed).filter((what) => what === mark)).toEqual([mark])
  })
}
