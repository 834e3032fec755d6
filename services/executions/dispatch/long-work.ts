import { isWeConnectError } from '@weconnect/contracts/errors'
import type { EventType } from '@weconnect/contracts/events/catalogue'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import type { EventStore } from '@weconnect/eventstore/port'
import type { Timer } from '../parts.ts'
import type { Peers } from './peers.ts'

/** Milliseconds between two looks for operations that nobody goes on with. */
const lookAgainMs = 5_000

export interface LongWorkOptions {
  readonly family: string
  /** The event that asks for one. */
  readonly begins: EventType
  readonly store: EventStore
  readonly timer: Timer
  readonly peers: Peers
  /** Goes on with an operation from where its stream stands, to its end or until the signal aborts. */
  readonly run: (id: string, signal: AbortSignal) => Promise<void>
  readonly onError: (error: unknown, id: string) => void
}

/** Operations that are streams of their own: each is gone on with by the engine that it falls to, also after a crash. */
export class LongWork {
  readonly #options: LongWorkOptions
  readonly #running = new Set<string>()
  readonly #closing = new AbortController()
  #following: Promise<unknown> = Promise.resolve()

  constructor(options: LongWorkOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    this.#following = Promise.all([this.#follow(), this.#lookAgain()])
    await this.#look()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#following
  }

  async #follow(): Promise<void> {
    const { store, family, begins, onError } = this.#options
    const { signal } = this.#closing
    try {
      for await (const events of store.subscribe({ after: 'end', families: [family], signal }))
        for (const { type, stream } of events) if (type === begins) this.#take(idOf(stream))
    } catch (error) {
      if (!signal.aborted) onError(error, '')
    }
  }

  async #lookAgain(): Promise<void> {
    const { timer, onError } = this.#options
    const { signal } = this.#closing
    for (;;) {
      await timer.wait(lookAgainMs, signal)
      if (signal.aborted) return
      await this.#look().catch((error: unknown) => onError(error, ''))
    }
  }

  async #look(): Promise<void> {
    const { store, family } = this.#options
    for (const { stream } of await store.openWork()) if (familyOf(stream) === family) this.#take(idOf(stream))
  }

  #take(id: string): void {
    const { peers, run, onError } = this.#options
    const { signal } = this.#closing
    if (this.#running.has(id) || signal.aborted || !peers.owns(id)) return
    this.#running.add(id)
    const ran = run(id, signal).catch((error: unknown) => {
      // Another engine does it; or it is looked at again.
      if (!isWeConnectError(error, 'REVISION_CONFLICT') && !signal.aborted) onError(error, id)
    })
    this.#following = Promise.all([this.#following, ran.finally(() => this.#running.delete(id))])
  }
}
