import type { Position } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import type { EventStore } from '@weconnect/eventstore/port'
import { TakenOver, type TopicBatch, type TopicWriter } from '@weconnect/kafka/port'
import { eventMessage, type MessageParts, stateMessage } from './batch-messages.ts'
import type { Relay, RelayStatus, RelayTimers } from './face.ts'
import { type NewestState, newestStates } from './newest-states.ts'
import { readBatch, untilMore } from './read-batch.ts'
import { recordedEvent } from './recorded-event.ts'

export interface RelayParts extends MessageParts {
  readonly store: EventStore
  /** A new writer; `wasActive`: this relay wrote before, and must not take over from one that came after it. */
  readonly openWriter: (wasActive: boolean) => TopicWriter
  readonly wasActive: boolean
  readonly timers: RelayTimers
  /** Told of every change of the state. */
  readonly onState?: (status: Pick<RelayStatus, 'state' | 'problem'>) => void
}

const firstRetryMs = 250
const longestRetryMs = 5_000

interface Batch {
  readonly messages: TopicBatch
  readonly events: number
  readonly end: Position
}

/** In the embedded log the number of events up to a position. */
const placeOf = (position: Position | undefined): number => Number(position?.slice(position.lastIndexOf('-') + 1) ?? 0)

/**
 * Publishes $all in order, each batch and the position of its end in one transaction. It reads and encodes the next batch while the last one is
 * being committed. After any failure it opens anew and goes on from what was committed; when another relay has taken over meanwhile it stands by
 * and never takes back by itself.
 */
export const startRelay = (parts: RelayParts): Relay => {
  const { store, openWriter, timers, onState } = parts
  let { wasActive } = parts
  const stopping = new AbortController()
  const { signal } = stopping
  let state: Pick<RelayStatus, 'state' | 'problem'> = { state: 'starting' }
  let position: Position | undefined
  let eventsPublished = 0

  const become = (next: typeof state): void => {
    const changed = next.state !== state.state || next.problem !== state.problem
    state = next
    if (changed) onState?.(next)
  }

  const published = (batch: Batch): void => {
    position = batch.end
    eventsPublished += batch.events
  }

  /** Publishes until it is stopped or fails. */
  const publishAll = async (writer: TopicWriter, until: AbortSignal): Promise<void> => {
    const nextBatch = batches(parts, writer, until)
    let next = nextBatch(position)
    for (;;) {
      const batch = await next
      if (batch === undefined) return
      next = nextBatch(batch.end)
      // Whoever awaits it hears of its failure; this keeps it from counting as unheard meanwhile.
      next.catch(() => {})
      await unlessStopped(writer.publish(batch.messages, batch.end), signal)
      published(batch)
      become({ state: 'running' })
    }
  }

  const runOnce = async (): Promise<void> => {
    const ended = new AbortController()
    const writer = openWriter(wasActive)
    try {
      position = await unlessStopped(writer.open(), signal)
      wasActive = true
      become({ state: 'running' })
      await Promise.race([publishAll(writer, AbortSignal.any([signal, ended.signal])), writer.lost])
    } finally {
      ended.abort()
      await writer.close().catch(() => {})
    }
  }

  const run = async (): Promise<void> => {
    for (let retryMs = firstRetryMs; !signal.aborted; retryMs = Math.min(retryMs * 2, longestRetryMs)) {
      const before = eventsPublished
      try {
        await runOnce()
      } catch (error) {
        if (error instanceof TakenOver) return become({ state: 'standby', problem: error.message })
        if (signal.aborted) return
        if (isWeConnectError(error) && error.code === 'LOG_CORRUPT') return become({ state: 'stopped', problem: error.message })
        become({ state: 'retrying', problem: error instanceof Error ? error.message : String(error) })
      }
      if (eventsPublished > before) retryMs = firstRetryMs
      await timers.wait(retryMs, signal)
    }
  }

  const running = run().finally(() => {
    if (signal.aborted) state = { state: 'stopped' }
  })
  return {
    status: async () => ({
      ...state,
      ...(position !== undefined && { position }),
      eventsBehind: Math.max(0, placeOf(await store.head()) - placeOf(position)),
      eventsPublished,
    }),
    close: async () => {
      stopping.abort()
      await running
    },
  }
}

/** What Kafka has not answered is not waited for: the next relay sees what was committed. */
const unlessStopped = async <Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> => {
  const stopped = Promise.withResolvers<never>()
  const stop = (): void => stopped.reject(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop)
  try {
    return await Promise.race([work, stopped.promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

const batches = (parts: RelayParts, writer: TopicWriter, signal: AbortSignal) => {
  const { store, timers } = parts
  const statesAfter = newestStates(store)

  /** Undefined when there is nothing. */
  const fill = async (after: Position | undefined): Promise<Batch | undefined> => {
    const messages = writer.newBatch()
    const states = new Map<string, NewestState>()
    let events = 0
    let end = after
    for await (const page of readBatch(store, after)) {
      const recorded = page.map(recordedEvent)
      for (const event of recorded) messages.add(eventMessage(parts, event))
      for (const state of await statesAfter(recorded)) states.set(state.event.stored.stream, state)
      events += page.length
      end = page.at(-1)?.position
      await timers.turn()
      if (signal.aborted) return undefined
    }
    for (const state of states.values()) messages.add(stateMessage(parts, state))
    return end === undefined || events === 0 ? undefined : { messages, events, end }
  }

  /** The next batch of the log; waits while there is nothing. Undefined only when the signal aborts. */
  return async (after: Position | undefined): Promise<Batch | undefined> => {
    while (!signal.aborted) {
      const batch = await fill(after)
      if (batch !== undefined) return batch
      if (!signal.aborted) await untilMore(store, after, signal)
    }
    return undefined
  }
}
