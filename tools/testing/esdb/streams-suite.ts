import { describe, expect, test } from 'vitest'
import { serveLog } from '../event-store-server.ts'
import { type ConflictNames, type Connect, type Library, serveClient, someStream } from './served-client.ts'
import { appending } from './streams-appending.ts'
import { deleting } from './streams-deleting.ts'
import { metadata } from './streams-metadata.ts'
import { reading } from './streams-reading.ts'
import { subscribing } from './streams-subscribing.ts'

/** What the official clients' own tests and documentation expect of streams, over a real socket. */
export const esdbStreamsSuite = (name: string, library: Library, connect: Connect, names?: ConflictNames): void => {
  const someEvents = (count: number) => Array.from({ length: count }, () => library.jsonEvent({ type: 'OrderPlaced', data: {} }))

  describe(name, () => {
    const at = serveClient(library, connect, names)
    describe('appending', () => appending(at))
    describe('reading', () => reading(at))
    describe('deleting', () => deleting(at))
    describe('metadata and truncation', () => metadata(at))
    describe('subscribing', () => subscribing(at))
  })

  test('the events of one append share a commit position, each has a prepare position of its own', async () => {
    const served = await serveLog()
    const client = connect(served.url)
    await client.appendToStream(someStream(), someEvents(3))
    const { position } = await client.appendToStream(someStream(), someEvents(2))
    const all = await Array.fromAsync(client.readAll())
    expect(all.map(({ event }) => event?.position)).toEqual([
      { commit: 3n, prepare: 1n },
      { commit: 3n, prepare: 2n },
      { commit: 3n, prepare: 3n },
      { commit: 5n, prepare: 4n },
      { commit: 5n, prepare: 5n },
    ])
    expect(position).toEqual({ commit: 5n, prepare: 5n })
    await client.dispose()
    await served.close()
  })

  test('a filter whose expression is none is refused', async () => {
    const served = await serveLog()
    const client = connect(served.url)
    const subscription = client.subscribeToAll({ filter: library.eventTypeFilter({ regex: '(' }) })
    const failed = new Promise((resolve) => subscription.once('error', resolve))
    subscription.on('data', () => undefined)
    expect(await failed).toBeInstanceOf(Error)
    await client.dispose()
    await served.close()
  })
}
