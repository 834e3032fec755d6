import type { Envelope, Position } from '@weconnect/contracts/envelope'
import { errorCodes, isWeConnectError } from '@weconnect/contracts/errors'
import type { Journal } from '@weconnect/eventstore/journal'
import { factsOfExecutions } from '../execution-facts.ts'
import type { Generation } from './store.ts'

/** An event that a store will never take. */
export interface RefusedEvent {
  readonly event: Envelope
  readonly error: string
  /** Last position before it; undefined when it is the first of the batch. */
  readonly before: Position | undefined
}

export interface StoreWriter {
  /** Writes events until one is refused. @throws errors that may pass: how much was written is then unknown, and may be written again */
  write(generation: Generation, events: readonly Envelope[]): Promise<RefusedEvent | undefined>
}

export const storeWriter = (journal: Journal): StoreWriter => {
  const facts = factsOfExecutions(journal)

  const tried = async (generation: Generation, events: readonly Envelope[]): Promise<string | undefined> => {
    await facts.prepare(events)
    try {
      await generation.write(events, facts.find)
      return undefined
    } catch (error) {
      if (mayPass(error)) throw error
      return error instanceof Error ? error.message : String(error)
    } finally {
      facts.settle(events)
    }
  }

  /** Halves the batch until the event is alone. */
  const write = async (generation: Generation, events: readonly Envelope[], before?: Position): Promise<RefusedEvent | undefined> => {
    const refused = await tried(generation, events)
    const [first] = events
    if (refused === undefined || first === undefined) return undefined
    if (events.length === 1) return { event: first, error: refused, before }
    const half = events.length >> 1
    return (
      (await write(generation, events.slice(0, half), before)) ?? (await write(generation, events.slice(half), events[half - 1]?.position))
    )
  }

  return { write }
}

const mayPass = (error: unknown): boolean => isWeConnectError(error) && errorCodes[error.code].retryable
