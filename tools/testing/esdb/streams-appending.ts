// biome-ignore lint/correctness/noUndeclaredDependencies: only the types; the tests of @weconnect/eventstore hand over the library
import type * as eventstore from '@eventstore/db-client'
import { expect, test } from 'vitest'
import { eventually, named, type ServedClient, someStream } from './served-client.ts'

/** What appends answer, expect and refuse. */
export const appending = (at: ServedClient): void => {
  const { jsonEvent, binaryEvent } = at.library
  test('answers revision and position; the events come back as they were', async () => {
    const stream = someStream()
    const before = Date.now()
    const answer = await at.client.appendToStream(stream, [
      jsonEvent({ type: 'Json', data: { text: 'grün 🌱' }, metadata: { user: 'ann' } }),
      binaryEvent({ type: 'Binary', data: new Uint8Array([0, 255, 7]), metadata: new Uint8Array([1, 0]) }),
    ])
    expect(answer).toMatchObject({ success: true, nextExpectedRevision: 1n })
    const [json, binary] = await at.read(stream)
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
    await at.client.appendToStream(stream, at.someEvents(3))
    const appending = at.client.appendToStream(stream, at.someEvents(1), { expectedRevision })
    await expect(appending).rejects.toMatchObject(at.conflict(expectedVersion, 2n))
    expect(await at.revisions(stream)).toEqual([0, 1, 2])
  })

  test('stream_exists asks for a stream', async () => {
    const stream = someStream()
    const appending = at.client.appendToStream(stream, at.someEvents(1), { expectedRevision: 'stream_exists' })
    await expect(appending).rejects.toMatchObject(at.conflict('stream_exists', 'no_stream'))
    await at.client.appendToStream(stream, at.someEvents(1))
    await at.client.appendToStream(stream, at.someEvents(1), { expectedRevision: 'stream_exists' })
    expect(await at.revisions(stream)).toEqual([0, 1])
  })

  test.each<[eventstore.AppendExpectedRevision]>([['any'], ['no_stream'], ['stream_exists'], [1n]])(
    'a repeat of the same events (%s) is answered as the first time and written once',
    async (expectedRevision) => {
      const stream = someStream()
      if (expectedRevision === 1n || expectedRevision === 'stream_exists') await at.client.appendToStream(stream, at.someEvents(2))
      const events = at.someEvents(3)
      const once = await at.client.appendToStream(stream, events, { expectedRevision })
      await at.client.appendToStream(stream, at.someEvents(2))
      const again = await at.client.appendToStream(stream, events, { expectedRevision })
      expect(again.nextExpectedRevision).toBe(once.nextExpectedRevision)
      expect(again.position).toEqual(once.position)
      expect(await at.read(stream)).toHaveLength(Number(once.nextExpectedRevision) + 3)
    },
  )

  test('a repeat of only some of the events is a conflict', async () => {
    const stream = someStream()
    const events = at.someEvents(2)
    await at.client.appendToStream(stream, events)
    const appending = at.client.appendToStream(stream, [...events, ...at.someEvents(1)])
    await expect(appending).rejects.toMatchObject({ type: 'wrong-expected-version' })
  })

  test('a repeat is recognised by a server that was started anew', async () => {
    const stream = someStream()
    const events = at.someEvents(3)
    const once = await at.client.appendToStream(stream, events)
    await at.served.kill()
    await at.served.start()
    await eventually(async () => (await at.client.appendToStream(stream, events).catch(() => undefined))?.position).toEqual(once.position)
    expect(await at.revisions(stream)).toEqual([0, 1, 2])
  })

  test('what is too large is refused with the limit', async () => {
    const stream = someStream()
    const large = Array.from({ length: 6 }, () => jsonEvent({ type: 'Large', data: { text: 'x'.repeat(200_000) } }))
    await expect(at.client.appendToStream(stream, large)).rejects.toMatchObject({
      type: 'maximum-append-size-exceeded',
      maxAppendSize: 512 * 1024,
    })
  })

  test('a deadline that has passed is told, and nothing is written', async () => {
    const stream = someStream()
    await expect(at.client.appendToStream(stream, at.someEvents(2000), { deadline: -5000 })).rejects.toMatchObject({
      type: 'deadline-exceeded',
    })
    await expect(at.read(stream)).rejects.toEqual(named('stream-not-found'))
  })

  test('many appends at once to many streams', async () => {
    const streams = Array.from({ length: 40 }, someStream)
    await Promise.all(streams.flatMap((stream) => [1, 2, 3].map(() => at.client.appendToStream(stream, at.someEvents(2)))))
    for (const stream of streams) expect(await at.revisions(stream)).toEqual([0, 1, 2, 3, 4, 5])
  })
}
