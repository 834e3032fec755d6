import { expect, test } from 'vitest'
import { named, type ServedClient, someStream } from './served-client.ts'

/** What is left of a stream that is deleted, or tombstoned. */
export const deleting = (at: ServedClient): void => {
  const { BACKWARDS, END } = at.library
  test('a deleted stream is gone until it is written again, and goes on with its revisions', async () => {
    const stream = someStream()
    await at.client.appendToStream(stream, at.someEvents(3))
    await at.client.deleteStream(stream)
    await expect(at.read(stream)).rejects.toEqual(named('stream-not-found'))
    await at.client.appendToStream(stream, at.someEvents(2, 'Again'), { expectedRevision: 'no_stream' })
    expect(await at.revisions(stream)).toEqual([3, 4])
    expect((await at.read(stream)).every(({ type }) => type === 'Again')).toBe(true)
  })

  test('expects a revision like an append does', async () => {
    const stream = someStream()
    await at.client.appendToStream(stream, at.someEvents(3))
    await expect(at.client.deleteStream(stream, { expectedRevision: 1n })).rejects.toMatchObject({
      streamName: stream,
      ...at.conflict(1n, 2n),
    })
    await expect(at.client.deleteStream(stream, { expectedRevision: 'no_stream' })).rejects.toEqual(named('wrong-expected-version'))
    await at.client.deleteStream(stream, { expectedRevision: 2n })
    await expect(at.read(stream)).rejects.toEqual(named('stream-not-found'))
  })

  test('keeps the rest of the metadata', async () => {
    const stream = someStream()
    await at.client.setStreamMetadata(stream, { cacheControl: 10, colour: 'red' })
    await at.client.deleteStream(stream, { expectedRevision: 'no_stream' })
    expect((await at.client.getStreamMetadata(stream)).metadata).toMatchObject({ cacheControl: 10, colour: 'red' })
  })

  test('a tombstone is for good', async () => {
    const stream = someStream()
    await at.client.appendToStream(stream, at.someEvents(2))
    await expect(at.client.tombstoneStream(stream, { expectedRevision: 5n })).rejects.toEqual(named('wrong-expected-version'))
    await at.client.tombstoneStream(stream, { expectedRevision: 1n })
    await expect(at.read(stream)).rejects.toEqual(named('stream-deleted'))
    for (const expectedRevision of ['any', 'no_stream', 2n] as const)
      await expect(at.client.appendToStream(stream, at.someEvents(1), { expectedRevision })).rejects.toMatchObject({
        type: 'stream-deleted',
        streamName: stream,
      })
    await expect(at.client.deleteStream(stream)).rejects.toEqual(named('stream-deleted'))
    await expect(at.client.setStreamMetadata(stream, { maxCount: 1 })).rejects.toEqual(named('stream-deleted'))
    const [last] = await Array.fromAsync(at.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }))
    expect(last?.event).toMatchObject({ type: '$streamDeleted', streamId: stream, revision: 9223372036854775807n })
  })
}
