import type { Envelope } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import type { Journal } from '@weconnect/eventstore/journal'
import type { StoredEvent } from '@weconnect/eventstore/port'
import { inTransaction, type Pool, type Session } from '@weconnect/postgres/pool'
import { folded, isPoison } from '../batch-writer.ts'
import { factsOfExecutions } from '../execution-facts.ts'
import { hold, type ParkedStream, park, unpark } from '../parked-streams.ts'
import type { ProjectionState } from '../state.ts'
import { send } from '../tables/flush.ts'
import { shareTables } from './tables-lock.ts'
import { type KeptPlace, type Step, Superseded, takeSteps } from './topic-places.ts'

/** A record that is not in the tables yet. */
export interface Incoming {
  readonly stored: StoredEvent
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** From where to where a batch takes each partition; the last event of a partition may be before the end, as marks of transactions follow it. */
export interface TopicBatch {
  readonly events: readonly Incoming[]
  readonly from: ReadonlyMap<string, KeptPlace>
  readonly ends: ReadonlyMap<string, number>
}

export interface TopicWriter {
  /**
   * Applies a batch of one projection exactly once: rows and places commit together. A stream with an event that cannot be applied is put aside.
   * @returns the places after it
   * @throws Superseded, and errors of the database that may pass
   */
  apply(batch: TopicBatch): Promise<ReadonlyMap<string, KeptPlace>>
  /** Tries what a stream holds back, event by event. @returns whether all of it is in the tables now */
  retry(stream: ParkedStream): Promise<boolean>
  close(): void
}

interface Opened extends Incoming {
  /** Absent when the event waits behind another of its stream. */
  readonly envelope: Envelope | undefined
}

interface Refusal {
  readonly event: StoredEvent
  readonly error: string
}

export const placeKey = ({ topic, partition }: { readonly topic: string; readonly partition: number }): string => `${topic}/${partition}`

/** @param parked streams of the projection that are put aside; kept up with here */
export const topicWriter = (pool: Pool, journal: Journal, state: ProjectionState, parked: Set<string>): TopicWriter => {
  const facts = factsOfExecutions(journal)
  const { name } = state.projection
  let session: Session | undefined

  const opened = async (): Promise<Session> => {
    if (session !== undefined) return session
    session = await pool.session()
    // The log is the truth: a batch that is lost in a crash is lost with its places, and read again.
    await session.query('set synchronous_commit = off')
    return session
  }

  /** @param tried whether these events, or some of them, were tried before: what is known of their executions is then forgotten */
  const committed = async (events: readonly Envelope[], tried: boolean, also: (session: Session) => Promise<unknown>): Promise<void> => {
    if (tried) facts.settle(events)
    await facts.prepare(events)
    const statements = folded([state], events, facts)
    const session = await opened()
    await inTransaction(session, async () => {
      await shareTables(session, name)
      for (const statement of statements) await send(session, statement)
      await also(session)
    })
    facts.settle(events)
  }

  const parkedEvent = ({ event, error }: Refusal, { topic, partition }: Incoming): Omit<ParkedStream, 'parkedAt' | 'heldRevision'> => {
    const { id: eventId, stream, revision, type, position } = event
    return { projection: name, stream, revision, eventId, type, error, position, topic, partition }
  }

  const write = async (events: readonly Opened[], steps: readonly Step[], tried: boolean, refusal?: Refusal): Promise<void> => {
    const free = events.flatMap(({ envelope, stored }) => (envelope === undefined || parked.has(stored.stream) ? [] : [envelope]))
    const held = new Map(events.filter(({ stored }) => parked.has(stored.stream)).map(({ stored }) => [stored.stream, stored.revision]))
    const [first] = events
    await committed(free, tried, async (session) => {
      if (refusal !== undefined && first !== undefined) await park(session, parkedEvent(refusal, first))
      if (held.size > 0) await hold(session, name, held)
      await takeSteps(session, name, steps)
    })
  }

  /** Payloads are opened; one that cannot be is the event's fault, and not a passing one, unless the storage is away. */
  const open = async (incoming: Incoming): Promise<Opened | Refusal> => {
    if (parked.has(incoming.stored.stream)) return { ...incoming, envelope: undefined }
    try {
      return { ...incoming, envelope: await journal.open(incoming.stored) }
    } catch (error) {
      if (isWeConnectError(error, 'STORAGE_FAILED') || isWeConnectError(error, 'UNAVAILABLE')) throw error
      return { event: incoming.stored, error: messageOf(error) }
    }
  }

  const stepsOf = (
    events: readonly Incoming[],
    from: ReadonlyMap<string, KeptPlace>,
    ends: ReadonlyMap<string, number>,
  ): Map<string, Step> => {
    const steps = new Map<string, Step>()
    const step = (key: string, change: Partial<KeptPlace>): void => {
      const place = from.get(key)
      if (place !== undefined) steps.set(key, { from: place, to: { ...(steps.get(key)?.to ?? place), ...change } })
    }
    for (const event of events) step(placeKey(event), { offset: event.offset + 1, position: event.stored.position })
    for (const [key, offset] of ends) step(key, { offset })
    return steps
  }

  const after = (from: ReadonlyMap<string, KeptPlace>, steps: ReadonlyMap<string, Step>): ReadonlyMap<string, KeptPlace> =>
    new Map([...from, ...[...steps].map(([key, { to }]) => [key, to] as const)])

  /** Halves what cannot be applied until the event is alone; then its stream is put aside. */
  const applyAll = async ({ events, from, ends }: TopicBatch, tried = false): Promise<ReadonlyMap<string, KeptPlace>> => {
    const readable = await readableOf(events)
    const steps = stepsOf(events, from, ends)
    const [alone] = events
    try {
      if ('event' in readable) throw readable
      await write(readable.opened, [...steps.values()], tried)
      return after(from, steps)
    } catch (error) {
      if (!isRefusal(error) && !isPoison(error)) throw error
      if (events.length > 1) return applyHalves({ events, from, ends })
      if (alone === undefined) throw error
      const refusal: Refusal = isRefusal(error) ? error : { event: alone.stored, error: messageOf(error) }
      parked.add(alone.stored.stream)
      await write([{ ...alone, envelope: undefined }], [...steps.values()], true, refusal).catch((again: unknown) => {
        parked.delete(alone.stored.stream)
        throw again
      })
      return after(from, steps)
    }
  }

  const applyHalves = async ({ events, from, ends }: TopicBatch): Promise<ReadonlyMap<string, KeptPlace>> => {
    const half = events.length >> 1
    const between = await applyAll({ events: events.slice(0, half), from, ends: new Map() }, true)
    return applyAll({ events: events.slice(half), from: between, ends }, true)
  }

  const readableOf = async (events: readonly Incoming[]): Promise<{ readonly opened: readonly Opened[] } | Refusal> => {
    const opened = await Promise.all(events.map(open))
    return opened.find(isRefusal) ?? { opened: opened as readonly Opened[] }
  }

  /** One event of a parked stream; the row that parks it goes on to the next one. */
  const applyHeld = async (envelope: Envelope): Promise<void> =>
    committed([envelope], true, async (session) => {
      const { stream, revision } = envelope
      const moved = await session.query(
        'update public.projection_parked set revision = $3 + 1 where projection = $1 and stream = $2 and revision = $3 returning 1',
        [name, stream, revision],
      )
      if (moved.length === 0) throw new Superseded(`another process tries ${stream}`)
    })

  return {
    apply: (batch) => applyAll(batch),
    retry: async ({ stream, revision, heldRevision }) => {
      let next = revision
      try {
        for await (const envelope of journal.read(stream, { from: revision, limit: heldRevision - revision + 1 })) {
          await applyHeld(envelope)
          next = envelope.revision + 1
        }
        await unpark(await opened(), name, stream)
        parked.delete(stream)
        return true
      } catch (error) {
        if (!isPoison(error) && !isWeConnectError(error, 'PAYLOAD_UNREADABLE') && !isWeConnectError(error, 'LOG_CORRUPT')) throw error
        await pool.query(
          'update public.projection_parked set revision = $3, error = $4, retry = false where projection = $1 and stream = $2',
          [...[name, stream, next, messageOf(error)]],
        )
        return false
      }
    },
    close: () => {
      session?.release(true)
      session = undefined
    },
  }
}

const isRefusal = (error: unknown): error is Refusal => typeof error === 'object' && error !== null && 'event' in error

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
