import type { Context, Position, WriteToken } from '@weconnect/contracts/envelope'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { Head } from '@weconnect/eventstore/journal'
import { evolve, type Recorded } from '../decider/evolve.ts'
import type { Execution } from '../decider/state.ts'
import { isoTime } from '../iso-time.ts'
import type { Clock, StreamJournal } from '../parts.ts'

/** A batch of pure steps is appended when it reaches one of these. */
const maxEvents = 500
const maxAgeMs = 100

/** What an event says once what others have appended meanwhile is known; undefined = nothing. */
export type AsOf = (state: Execution) => ExecutionEvent | undefined

interface Entry {
  readonly event: ExecutionEvent
  readonly durable: (() => void) | undefined
  readonly asOf: AsOf | undefined
}

export interface Recording {
  readonly stream: string
  readonly context: Context
  readonly head: Head
  readonly state: Execution
}

/**
 * The lease holder's pen: keeps the events of pure steps until they are flushed in one durable append, and the state folded from exactly what is
 * durable. Appends of one execution are never under way at the same time.
 */
export class Recorder {
  readonly #journal: StreamJournal
  readonly #clock: Clock
  readonly #stream: string
  readonly #context: Context
  #head: Head
  #position: Position = ''
  #state: Execution
  #buffer: Entry[] = []
  #oldestAt = 0
  #flushing: Promise<void> = Promise.resolve()
  readonly #onForeign: (state: Execution) => void

  /** @param onForeign called when someone else's event (a cancellation) was found in the stream */
  constructor(journal: StreamJournal, clock: Clock, start: Recording, onForeign: (state: Execution) => void) {
    this.#journal = journal
    this.#clock = clock
    this.#stream = start.stream
    this.#context = start.context
    this.#head = start.head
    this.#state = start.state
    this.#onForeign = onForeign
  }

  /** Folded from the events that are durable. */
  get state(): Execution {
    return this.#state
  }
  get head(): Head {
    return this.#head
  }
  /** What a reader needs to see the last append made here. @param log id of the log */
  token(log: string): WriteToken {
    return { log, stream: this.#stream, revision: this.#head.revision, position: this.#position }
  }

  record(event: ExecutionEvent, durable?: () => void, asOf?: AsOf): void {
    if (this.#buffer.length === 0) this.#oldestAt = this.#clock.now()
    this.#buffer.push({ event, durable, asOf })
  }

  /** Reads what others have said meanwhile. @throws WeConnectError LEASE_LOST when another worker has taken over */
  refresh(): Promise<void> {
    const refreshed = this.#flushing.then(async () => {
      if (this.#head.revision >= 0 && (await this.#readOn())) this.#onForeign(this.#state)
    })
    this.#flushing = refreshed.catch(() => undefined)
    return refreshed
  }

  /** Milliseconds until what is recorded is old; undefined when nothing is. */
  get agesInMs(): number | undefined {
    return this.#buffer.length === 0 ? undefined : Math.max(0, maxAgeMs - (this.#clock.now() - this.#oldestAt))
  }

  get isFull(): boolean {
    return this.#buffer.length >= maxEvents || (this.#buffer.length > 0 && this.#clock.now() - this.#oldestAt >= maxAgeMs)
  }

  /**
   * Resolves when everything recorded so far is durable.
   * @throws WeConnectError LEASE_LOST when another worker has taken over, REVISION_CONFLICT when a new execution exists already
   */
  flush(): Promise<void> {
    const flushed = this.#flushing.then(() => this.#write())
    this.#flushing = flushed.catch(() => undefined)
    return flushed
  }

  async #write(): Promise<void> {
    if (this.#buffer.length === 0) return
    const batch = this.#buffer
    this.#buffer = []
    try {
      await this.#append(batch)
    } catch (error) {
      this.#buffer = [...batch, ...this.#buffer]
      throw error
    }
    for (const { durable } of batch) durable?.()
  }

  async #append(batch: readonly Entry[]): Promise<void> {
    for (;;) {
      const events = batch.map(({ event, asOf }) => (asOf ? asOf(this.#state) : event)).filter((event) => event !== undefined)
      if (events.length === 0) return
      try {
        await this.#appendOnce(events)
        return
      } catch (error) {
        if (isWeConnectError(error, 'APPEND_TOO_LARGE') && batch.length > 1) {
          const half = batch.length >> 1
          await this.#append(batch.slice(0, half))
          await this.#append(batch.slice(half))
          return
        }
        if (!isWeConnectError(error, 'REVISION_CONFLICT') || this.#head.revision < 0) throw error
        await this.#catchUp()
      }
    }
  }

  async #appendOnce(events: readonly ExecutionEvent[]): Promise<void> {
    const time = isoTime(this.#clock.now())
    const written = await this.#journal.append(this.#stream, this.#head, events, this.#context, time)
    const first = this.#head.revision + 1
    this.#head = written.head
    this.#position = written.token.position
    for (const [index, event] of events.entries())
      this.#state = evolve(this.#state, { ...event, revision: first + index, time } as Recorded)
  }

  /** Reads what others appended; goes on only while the lease is still its own. */
  async #catchUp(): Promise<void> {
    if (!(await this.#readOn())) throw new WeConnectError('LEASE_LOST', 'The execution was begun by another worker')
    this.#onForeign(this.#state)
  }

  /** @returns whether there was something */
  async #readOn(): Promise<boolean> {
    const epoch = this.#state.epoch
    let moved = false
    for await (const event of this.#journal.read(this.#stream, { from: this.#head.revision + 1 })) {
      this.#state = evolve(this.#state, event as unknown as Recorded)
      this.#head = { revision: event.revision, hash: event.hash }
      moved = true
    }
    if (this.#state.epoch !== epoch) throw new WeConnectError('LEASE_LOST', 'Another worker has taken this execution over')
    return moved
  }
}
