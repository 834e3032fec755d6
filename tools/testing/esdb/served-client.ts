import { randomUUID } from 'node:crypto'
// biome-ignore lint/correctness/noUndeclaredDependencies: only the types; the tests of @weconnect/eventstore hand over the library
import type * as eventstore from '@eventstore/db-client'
import { afterAll, beforeAll, expect } from 'vitest'
import { type ServedLog, serveLog } from '../event-store-server.ts'

/** One of the official clients: the newer one has the same face for what is used here. */
export type Library = Omit<typeof eventstore, 'EventStoreDBClient'>
export type Client = eventstore.EventStoreDBClient
export type Connect = (url: string) => Client

/** What the two clients call the same properties of a conflict. */
export interface ConflictNames {
  readonly expected: string
  readonly actual: string
}

export const someName = (what: string): string => `${what}-${randomUUID()}`
export const someStream = (): string => someName('orders')
/** Waits for as long as a busy machine may need. */
export const eventually = <Value>(get: () => Value) => expect.poll(get, { timeout: 20_000 })
export const named = (name: string) => expect.objectContaining({ type: name })

/** A served log and a client of it, for the tests of one `describe`. */
export interface ServedClient {
  readonly library: Library
  readonly client: Client
  readonly served: ServedLog
  read(stream: string, options?: eventstore.ReadStreamOptions): Promise<eventstore.RecordedEvent[]>
  revisions(stream: string, options?: eventstore.ReadStreamOptions): Promise<number[]>
  someEvents(count: number, type?: string): eventstore.EventData[]
  /** The error of an append that expected something else than is there. */
  conflict(expectation: string | bigint, found: string | bigint): object
}

/** To be called where the `describe` begins. */
export const serveClient = (
  library: Library,
  connect: Connect,
  names: ConflictNames = { expected: 'expectedVersion', actual: 'actualVersion' },
): ServedClient => {
  let served: ServedLog
  let client: Client
  beforeAll(async () => {
    served = await serveLog()
    client = connect(served.url)
  })
  afterAll(async () => {
    await client.dispose()
    await served.close()
  })
  const read: ServedClient['read'] = async (stream, options = {}) =>
    (await Array.fromAsync(client.readStream(stream, options))).map(({ event }) => event!)
  return {
    library,
    get client() {
      return client
    },
    get served() {
      return served
    },
    read,
    revisions: async (stream, options) => (await read(stream, options)).map(({ revision }) => Number(revision)),
    someEvents: (count, type = 'OrderPlaced') =>
      Array.from({ length: count }, (_, number) => library.jsonEvent({ type, data: { number } })),
    conflict: (expectation, found) => ({
      type: 'wrong-expected-version',
      [names.expected]: expectation,
      [names.actual]: found,
    }),
  }
}
