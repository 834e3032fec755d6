import { expect, test } from 'vitest'
import { ack, typeOf, work } from './persistent-consumer.ts'
import { groupsOf } from './persistent-groups.ts'
import { eventually, named, type ServedClient, someName } from './served-client.ts'

/** Making, changing, listing and removing groups. */
export const managing = (at: ServedClient): void => {
  const { START } = at.library
  const { infoOf, join, settings, someEvents } = groupsOf(at)

  test('info tells settings, connections and progress; an update ends connections and keeps the place', async () => {
    const [stream, group] = [someName('jobs'), someName('group')]
    const first = settings({ startFrom: START, extraStatistics: true, checkPointLowerBound: 1, checkPointUpperBound: 1 })
    await at.client.createPersistentSubscriptionToStream(stream, group, first)
    expect(await infoOf(stream, group)).toMatchObject({ eventSource: stream, groupName: group, settings: first, connections: [] })
    expect((await infoOf(stream, group)).stats.lastKnownEventRevision).toBeUndefined()
    await at.client.appendToStream(stream, someEvents(3))
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
    expect(connections[0]).toMatchObject({ connectionName: at.client.connectionName, totalItems: 3n })
    expect(connections[0]?.extraStatistics?.get('quintile 3')).toBeDefined()
    expect(stats).toMatchObject({ totalItems: 3n, lastKnownEventRevision: 2n, parkedMessageCount: 0n })

    const second = settings({ ...first, startFrom: 1n, maxSubscriberCount: 1, consumerStrategyName: at.library.DISPATCH_TO_SINGLE })
    await at.client.updatePersistentSubscriptionToStream(stream, group, second)
    expect(await dropped).toMatchObject({ type: 'persistent-subscription-dropped' })
    expect((await infoOf(stream, group)).settings).toEqual(second)
    const working = work(join(stream, group), ack, ({ length }) => length === 1)
    await at.client.appendToStream(stream, someEvents(1, 'New'))
    expect((await working).map(typeOf)).toEqual(['New'])
  })

  test('groups are listed, by stream and all; a deleted one is gone', async () => {
    const [stream, other] = [someName('jobs'), someName('jobs')]
    const groups = [someName('group'), someName('group')]
    for (const group of groups) await at.client.createPersistentSubscriptionToStream(stream, group, settings())
    await at.client.createPersistentSubscriptionToStream(other, 'one', settings())
    const names = (list: readonly { groupName: string }[]): string[] => list.map(({ groupName }) => groupName).sort()
    expect(names(await at.client.listPersistentSubscriptionsToStream(stream))).toEqual([...groups].sort())
    expect(names(await at.client.listAllPersistentSubscriptions())).toEqual(expect.arrayContaining([...groups, 'one']))
    const subscription = join(other, 'one')
    const dropped = new Promise((resolve) => subscription.once('error', resolve))
    subscription.on('data', () => undefined)
    await new Promise((resolve) => subscription.once('confirmation', resolve))
    await eventually(async () => (await infoOf(other, 'one')).connections.length).toBe(1)
    await at.client.deletePersistentSubscriptionToStream(other, 'one')
    expect(await dropped).toMatchObject({ type: 'persistent-subscription-dropped' })
    await expect(infoOf(other, 'one')).rejects.toEqual(named('persistent-subscription-does-not-exist'))
    await at.client.restartPersistentSubscriptionSubsystem()
    await expect(infoOf(other, 'one')).rejects.toEqual(named('persistent-subscription-does-not-exist'))
    expect(names(await at.client.listPersistentSubscriptionsToStream(stream))).toEqual([...groups].sort())
  })

  test('errors say what is wrong', async () => {
    const [stream, group] = [someName('jobs'), someName('group')]
    const missing = { type: 'persistent-subscription-does-not-exist', streamName: stream, groupName: group }
    await expect(infoOf(stream, group)).rejects.toMatchObject(missing)
    await expect(at.client.updatePersistentSubscriptionToStream(stream, group, settings())).rejects.toMatchObject(missing)
    await expect(at.client.deletePersistentSubscriptionToStream(stream, group)).rejects.toMatchObject(missing)
    await expect(at.client.replayParkedMessagesToStream(stream, group)).rejects.toMatchObject(missing)
    await expect(at.client.listPersistentSubscriptionsToStream(stream)).rejects.toMatchObject({ ...missing, groupName: '' })
    await expect(work(join(stream, group), ack, () => true)).rejects.toMatchObject(missing)
    await at.client.createPersistentSubscriptionToStream(stream, group, settings({ maxSubscriberCount: 1 }))
    await expect(at.client.createPersistentSubscriptionToStream(stream, group, settings())).rejects.toMatchObject({
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
}
