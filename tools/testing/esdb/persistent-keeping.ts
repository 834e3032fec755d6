import { expect, test } from 'vitest'
import { ack, type Event, nack, type Subscription, typeOf, work } from './persistent-consumer.ts'
import { groupsOf } from './persistent-groups.ts'
import { eventually, type ServedClient, someName } from './served-client.ts'

/** What a group keeps: parked messages and its checkpoint. */
export const keeping = (at: ServedClient): void => {
  const { START } = at.library
  const { infoOf, join, parkedIn, settings, someEvents } = groupsOf(at)

  test('what is retried too often is parked', async () => {
    const [stream, group] = [someName('jobs'), someName('group')]
    await at.client.appendToStream(stream, [...someEvents(1, 'Poison'), ...someEvents(1, 'Good')])
    await at.client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom: START, maxRetryCount: 2 }))
    const answer = (event: Event, subscription: Subscription): Promise<void> =>
      typeOf(event) === 'Poison' ? nack('retry')(event, subscription) : ack(event, subscription)
    const seen = await work(join(stream, group), answer, async ({ length }) => {
      if (length < 4) return false
      await eventually(() => parkedIn(stream, group)).toBe(1n)
      return true
    })
    expect(seen.filter((event) => typeOf(event) === 'Poison').map(({ retryCount }) => retryCount)).toEqual([0, 1, 2])
  })

  test('parked messages are listed, replayed up to a place in the list, and replayed all', async () => {
    const [stream, group] = [someName('jobs'), someName('group')]
    await at.client.appendToStream(stream, someEvents(6))
    await at.client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom: START }))
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
    const links = await Array.fromAsync(
      at.client.readStream(`$persistentsubscription-${stream}::${group}-parked`, { resolveLinkTos: true }),
    )
    expect(links.map(({ event, link }) => [event?.streamId, link?.type])).toEqual(Array.from({ length: 6 }, () => [stream, '$>']))

    const first = work(join(stream, group), ack, parkedIs(2, 4n))
    await at.client.replayParkedMessagesToStream(stream, group, { stopAt: 2 })
    expect((await first).map(({ event }) => Number(event?.revision))).toEqual([0, 1])

    const rest = work(join(stream, group), ack, parkedIs(4, 0n))
    await at.client.replayParkedMessagesToStream(stream, group)
    expect((await rest).map(({ event }) => Number(event?.revision))).toEqual([2, 3, 4, 5])
  })

  test('checkpoint and parked messages outlive the server; what was done is not delivered again', async () => {
    const [stream, group] = [someName('jobs'), someName('group')]
    await at.client.appendToStream(stream, someEvents(10))
    await at.client.createPersistentSubscriptionToStream(
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
    await at.served.kill()
    await at.served.start()
    await eventually(() => parkedIn(stream, group).catch(() => 'not yet')).toBe(1n)
    const working = work(join(stream, group), ack, ({ length }) => length === 2)
    await at.client.appendToStream(stream, someEvents(1, 'New'))
    await at.client.replayParkedMessagesToStream(stream, group)
    expect((await working).map(({ event }) => Number(event?.revision)).sort()).toEqual([10, 3])
  })
}
