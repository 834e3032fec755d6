import type { EventStore, WorkOf } from '@weconnect/eventstore/port'
import { afterEach } from 'vitest'

export interface OpenedStore {
  readonly store: EventStore
  /** Closes it and opens the same log again. */
  reopen(): Promise<EventStore>
  /** Closes it and removes the log. */
  close(): Promise<void>
}

export interface OpenOptions {
  readonly workOf?: WorkOf
}
export type OpenStore = (options?: OpenOptions) => Promise<OpenedStore>

/** Where the tests of a contract have their stores from. */
export interface Stores {
  /** A new one, which is closed after the test. */
  readonly fresh: OpenStore
  readonly freshStore: () => Promise<EventStore>
  /** A new one, which the test closes. */
  readonly open: OpenStore
}

export const storesFrom = (open: OpenStore): Stores => {
  const opened: OpenedStore[] = []
  const fresh: OpenStore = async (options) => {
    const one = await open(options)
    opened.push(one)
    return one
  }
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close()
  })
  return { fresh, freshStore: async () => (await fresh()).store, open }
}
