import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { groupsOf } from './persistent-groups.ts'
import { eventually, type ServedClient, someName } from './served-client.ts'

/** Who of several consumers gets what. */
export const sharing = (at: ServedClient): void => {
  const { START } = at.library
  const { infoOf, join, settings, someEvents } = groupsOf(at)

  test('two consumers share the work', async () => {
    const [stream, group] = [someName('jobs'), someName('group')]
    await at.client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom: START }))
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
    await at.client.appendToStream(stream, someEvents(40))
    await done.promise
    expect(Math.min(...counts)).toBeGreaterThan(0)
    for (const subscription of subscriptions) await subscription.unsubscribe()
  })

  test('pinned: one consumer gets all of a stream', async () => {
    const group = someName('group')
    const mark = randomUUID().slice(0, 8)
    await at.client.createPersistentSubscriptionToAll(
      group,
      at.library.persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START, consumerStrategyName: at.library.PINNED }),
      { filter: at.library.streamNameFilter({ prefixes: [`pin${mark}-`] }) },
    )
    const owners = new Map<string, Set<number>>()
    const done = Promise.withResolvers<void>()
    let total = 0
    const subscriptions = [0, 1].map((index) => {
      const subscription = at.client.subscribeToPersistentSubscriptionToAll(group)
      subscription.on('data', async (event) => {
        const stream = event.event?.streamId ?? ''
        owners.set(stream, (owners.get(stream) ?? new Set()).add(index))
        await subscription.ack(event)
        total += 1
        if (total === 60) done.resolve()
      })
      return subscription
    })
    await eventually(async () => (await at.client.getPersistentSubscriptionToAllInfo(group)).connections.length).toBe(2)
    for (let index = 0; index < 12; index += 1) await at.client.appendToStream(`pin${mark}-${index}`, someEvents(5))
    await done.promise
    expect([...owners.values()].every(({ size }) => size === 1)).toBe(true)
    expect(new Set([...owners.values()].flatMap((one) => [...one])).size).toBe(2)
    for (const subscription of subscriptions) await subscription.unsubscribe()
  })
}
