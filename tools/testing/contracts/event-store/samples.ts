import { randomBytes, randomUUID } from 'node:crypto'
import type { ErrorCode } from '@weconnect/contracts/errors'
import type { EventBytes, EventStore, StoredEvent } from '@weconnect/eventstore/port'
import { expect } from 'vitest'

/** An event of the given size in bytes, filled at random. */
export const someEvent = (bytes = 40): EventBytes => ({
  id: randomUUID(),
  type: 'StepCompleted',
  data: randomBytes(bytes),
  metadata: randomBytes(8),
})
export const someEvents = (count: number, bytes?: number): EventBytes[] => Array.from({ length: count }, () => someEvent(bytes))
export const someStream = (family = 'execution'): string => `${family}-${randomUUID()}`

export const collect = async (events: AsyncIterable<StoredEvent>): Promise<StoredEvent[]> => Array.fromAsync(events)
export const ids = (events: readonly EventBytes[]): string[] => events.map(({ id }) => id)
export const failing = (code: ErrorCode) => expect.objectContaining({ code })

/** Reads a subscription until it has brought `count` events. */
export const takeFrom = async (subscription: AsyncIterable<readonly StoredEvent[]>, count: number): Promise<StoredEvent[]> => {
  const taken: StoredEvent[] = []
  if (count === 0) return taken
  for await (const batch of subscription) {
    taken.push(...batch)
    if (taken.length >= count) break
  }
  return taken
}

/** Reads up to a marker that ends the wait: when it has arrived, so has everything before it. */
export const takeUntil = async (subscription: AsyncIterable<readonly StoredEvent[]>, lastId: string): Promise<StoredEvent[]> => {
  const taken: StoredEvent[] = []
  for await (const batch of subscription) {
    taken.push(...batch)
    if (batch.some(({ id }) => id === lastId)) break
  }
  return taken
}

export const readWholeLog = async (store: EventStore, limit: number): Promise<StoredEvent[]> => {
  const all: StoredEvent[] = []
  for (;;) {
    const page = await store.readAll({ after: all.at(-1)?.position, limit })
    if (page.length === 0) return all
    all.push(...page)
  }
}
