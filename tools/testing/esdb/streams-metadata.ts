import { expect, test } from 'vitest'
import { eventually, named, type ServedClient, someStream } from './served-client.ts'

/** Metadata of streams, and what they hide. */
export const metadata = (at: ServedClient): void => {
  const { BACKWARDS, END } = at.library
  test('metadata come back as written, the newest ones', async () => {
    const stream = someStream()
    expect(await at.client.getStreamMetadata(stream)).toEqual({ streamName: stream })
    const metadata = {
      maxAge: 2,
      cacheControl: 15,
      truncateBefore: 1,
      maxCount: 12,
      acl: { readRoles: ['admin'], writeRoles: ['admin'], deleteRoles: ['admin'], metaReadRoles: ['admin'], metaWriteRoles: ['admin'] },
    }
    const { nextExpectedRevision } = await at.client.setStreamMetadata(stream, { turkey: '🦃' })
    await at.client.setStreamMetadata(stream, metadata, { expectedRevision: nextExpectedRevision })
    expect(await at.client.getStreamMetadata(stream)).toMatchObject({ streamName: stream, metadata })
    await expect(at.client.setStreamMetadata(stream, metadata, { expectedRevision: 'no_stream' })).rejects.toEqual(
      named('wrong-expected-version'),
    )
  })

  test('$maxCount shows the newest', async () => {
    const stream = someStream()
    await at.client.appendToStream(stream, at.someEvents(5))
    await at.client.setStreamMetadata(stream, { maxCount: 2 })
    expect(await at.revisions(stream)).toEqual([3, 4])
    expect(await at.revisions(stream, { direction: BACKWARDS, fromRevision: END })).toEqual([4, 3])
    await at.client.appendToStream(stream, at.someEvents(1))
    expect(await at.revisions(stream, { fromRevision: 1n })).toEqual([4, 5])
    await at.client.setStreamMetadata(stream, {})
    expect(await at.revisions(stream)).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('$tb hides what is before it', async () => {
    const stream = someStream()
    await at.client.appendToStream(stream, at.someEvents(5))
    await at.client.setStreamMetadata(stream, { truncateBefore: 3 })
    expect(await at.revisions(stream)).toEqual([3, 4])
    expect(await at.revisions(stream, { direction: BACKWARDS, fromRevision: 3n })).toEqual([3])
    await at.client.setStreamMetadata(stream, { truncateBefore: 3, maxCount: 1 })
    expect(await at.revisions(stream)).toEqual([4])
    await at.client.setStreamMetadata(stream, { truncateBefore: 9 })
    expect(await at.revisions(stream)).toEqual([])
    expect((await at.client.appendToStream(stream, at.someEvents(1), { expectedRevision: 4n })).nextExpectedRevision).toBe(5n)
  })

  test('$maxAge hides what is older', async () => {
    const stream = someStream()
    await at.client.appendToStream(stream, at.someEvents(2))
    await at.client.setStreamMetadata(stream, { maxAge: 3600 })
    expect(await at.revisions(stream)).toEqual([0, 1])
    await at.served.setAhead(3_601_000)
    // A deadline is a time of the client's clock.
    await at.client.appendToStream(stream, at.someEvents(1), { deadline: 7_200_000 })
    expect(await at.revisions(stream)).toEqual([2])
    expect(await at.revisions(stream, { direction: BACKWARDS, fromRevision: END })).toEqual([2])
    await at.served.setAhead(0)
  })

  test('truncation and deletion outlive the server', async () => {
    const [cut, deleted, tombstoned] = [someStream(), someStream(), someStream()]
    for (const stream of [cut, deleted, tombstoned]) await at.client.appendToStream(stream, at.someEvents(3))
    await at.client.setStreamMetadata(cut, { truncateBefore: 2 })
    await at.client.deleteStream(deleted)
    await at.client.tombstoneStream(tombstoned)
    await at.served.kill()
    await at.served.start()
    await eventually(() => at.revisions(cut).catch(() => 'not yet')).toEqual([2])
    await expect(at.read(deleted)).rejects.toEqual(named('stream-not-found'))
    await expect(at.read(tombstoned)).rejects.toEqual(named('stream-deleted'))
  })
}
