import { describe, expect, test } from 'vitest'
import { type ServedClient, someStream } from './served-client.ts'

/** What readings of a stream and of $all give. */
export const reading = (at: ServedClient): void => {
  const { FORWARDS, BACKWARDS, START, END, binaryEvent } = at.library
  describe('a stream', () => {
    test('from any revision, in both directions, up to a limit', async () => {
      const stream = someStream()
      await at.client.appendToStream(stream, at.someEvents(5))
      expect(await at.revisions(stream, { fromRevision: 2n })).toEqual([2, 3, 4])
      expect(await at.revisions(stream, { fromRevision: 1n, maxCount: 2 })).toEqual([1, 2])
      expect(await at.revisions(stream, { direction: BACKWARDS, fromRevision: END })).toEqual([4, 3, 2, 1, 0])
      expect(await at.revisions(stream, { direction: BACKWARDS, fromRevision: 2n, maxCount: 2 })).toEqual([2, 1])
      expect(await at.revisions(stream, { fromRevision: 9n })).toEqual([])
    })

    test('one that does not exist is told', async () => {
      const stream = someStream()
      await expect(at.read(stream)).rejects.toMatchObject({ type: 'stream-not-found', streamName: stream })
    })

    test('links are followed when asked for', async () => {
      const [stream, links] = [someStream(), someStream()]
      await at.client.appendToStream(stream, at.someEvents(2, 'Target'))
      await at.client.appendToStream(links, binaryEvent({ type: '$>', data: Buffer.from(`1@${stream}`) }))
      const [resolved] = await Array.fromAsync(at.client.readStream(links, { resolveLinkTos: true }))
      expect(resolved).toMatchObject({ event: { streamId: stream, revision: 1n, type: 'Target' }, link: { streamId: links, type: '$>' } })
      const [plain] = await Array.fromAsync(at.client.readStream(links))
      expect(plain).toMatchObject({ event: { streamId: links, type: '$>' } })
    })
  })

  describe('$all', () => {
    test('forwards from the position of an event, backwards up to it', async () => {
      const stream = someStream()
      await at.client.appendToStream(stream, at.someEvents(2))
      await at.client.appendToStream(stream, at.someEvents(3))
      const all = (await Array.fromAsync(at.client.readAll({ direction: FORWARDS, fromPosition: START }))).map(({ event }) => event!)
      const mine = all.filter(({ streamId }) => streamId === stream)
      expect(mine.map(({ revision }) => Number(revision))).toEqual([0, 1, 2, 3, 4])
      const third = mine[2]!
      const onwards = await Array.fromAsync(at.client.readAll({ fromPosition: third.position! }))
      expect(onwards.map(({ event }) => event?.id)).toEqual(mine.slice(2).map(({ id }) => id))
      const back = await Array.fromAsync(at.client.readAll({ direction: BACKWARDS, fromPosition: third.position!, maxCount: 2 }))
      expect(back.map(({ event }) => event?.id)).toEqual([mine[1]?.id, mine[0]?.id])
      const newest = await Array.fromAsync(at.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }))
      expect(newest[0]?.event?.id).toBe(mine[4]?.id)
    })
  })
}
