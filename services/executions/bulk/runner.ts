import type { Context } from '@weconnect/contracts/envelope'
import { errorCodes, isWeConnectError, publicError } from '@weconnect/contracts/errors'
import { familyOf, idOf } from '@weconnect/contracts/ids'
import type { EventStore } from '@weconnect/eventstore/port'
import { v5 as uuid5 } from 'uuid'
import type { EngineParts } from '../parts.ts'
import type { Peers } from '../peers.ts'
import { tell } from '../tell.ts'
import { bulkStream, type RecordedBulk, readBulk } from './recorded.ts'
import { type Bulk, decideBulk, type Outcome, perMark } from './state.ts'

/** Milliseconds between two looks for operations that nobody goes on with. */
const lookAgainMs = 5_000

export interface BulkRunnerOptions {
  readonly parts: EngineParts
  readonly store: EventStore
  readonly peers: Peers
  /** Begins the execution of this id with what another one had done. @throws WeConnectError REVISION_CONFLICT when it exists already */
  readonly fork: (executionId: string, id: string, from: 'failedStep' | 'beginning', newest: boolean, context: Context) => Promise<unknown>
  readonly onError: (error: unknown, bulkId: string) => void
}

/**
 * Does the same with many executions, one after the other. How far it is, is in the log: whoever starts next goes on from there, and what was done
 * between the last mark and a crash is done again, which changes nothing: a retry has an id of its own, `uuid5(operation, execution)`.
 */
export class BulkRunner {
  readonly #options: BulkRunnerOptions
  readonly #running = new Set<string>()
  readonly #closing = new AbortController()
  #following: Promise<unknown> = Promise.resolve()

  constructor(options: BulkRunnerOptions) {
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
    const { store, onError } = this.#options
    const { signal } = this.#closing
    try {
      for await (const events of store.subscribe({ after: 'end', families: ['bulk'], signal }))
        for (const { type, stream } of events) if (type === 'BulkRequested') this.#take(idOf(stream))
    } catch (error) {
      if (!signal.aborted) onError(error, '')
    }
  }

  async #lookAgain(): Promise<void> {
    const { parts, onError } = this.#options
    const { signal } = this.#closing
    for (;;) {
      await parts.timer.wait(lookAgainMs, signal)
      if (signal.aborted) return
      await this.#look().catch((error: unknown) => onError(error, ''))
    }
  }

  async #look(): Promise<void> {
    for (const { stream } of await this.#options.store.openWork()) if (familyOf(stream) === 'bulk') this.#take(idOf(stream))
  }

  #take(bulkId: string): void {
    if (this.#running.has(bulkId) || this.#closing.signal.aborted || !this.#options.peers.owns(bulkId)) return
    this.#running.add(bulkId)
    const ran = this.#run(bulkId).catch((error: unknown) => {
      // Another engine does it; or it is looked at again.
      if (!isWeConnectError(error, 'REVISION_CONFLICT') && !this.#closing.signal.aborted) this.#options.onError(error, bulkId)
    })
    this.#following = Promise.all([this.#following, ran.finally(() => this.#running.delete(bulkId))])
  }

  async #run(bulkId: string): Promise<void> {
    const { parts } = this.#options
    for (;;) {
      const recorded = await readBulk(parts.journal, bulkId)
      if (recorded.bulk.status !== 'running' || this.#closing.signal.aborted) return
      const outcomes = await this.#next(bulkId, recorded)
      if (this.#closing.signal.aborted) return
      await parts.journal.append(bulkStream(bulkId), recorded.head, decideBulk({ type: 'MarkProgress', outcomes }, recorded.bulk), {
        ...recorded.context,
        actor: `engine:${bulkId}`,
      })
    }
  }

  async #next(bulkId: string, { bulk, context }: RecordedBulk): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = []
    for (const executionId of bulk.requested?.executionIds.slice(bulk.done, bulk.done + perMark) ?? []) {
      if (this.#closing.signal.aborted) return outcomes
      outcomes.push(await this.#outcome(bulkId, bulk, executionId, { ...context, correlationId: bulkId, causationId: bulkId }))
    }
    return outcomes
  }

  /** @throws what may pass: the operation goes on later */
  async #outcome(bulkId: string, bulk: Bulk, executionId: string, context: Context): Promise<Outcome> {
    try {
      await this.#act(bulkId, bulk, executionId, context)
      return 'succeeded'
    } catch (error) {
      const { code, message } = publicError(error)
      if (code === 'REVISION_CONFLICT') return 'succeeded'
      if (code === 'INVALID_STATE') return 'skipped'
      if (errorCodes[code].retryable) throw error
      return { executionId, code, message }
    }
  }

  async #act(bulkId: string, { requested }: Bulk, executionId: string, context: Context): Promise<void> {
    const { parts, fork } = this.#options
    if (!requested) return
    const { operation, reason, newestVersion } = requested
    if (operation === 'cancel') await tell(parts, executionId, { type: 'RequestCancellation', reason }, context)
    else if (operation === 'pause') await tell(parts, executionId, { type: 'PauseExecution', reason }, context)
    else if (operation === 'resume') await tell(parts, executionId, { type: 'UnpauseExecution' }, context)
    else await fork(executionId, uuid5(executionId, bulkId), operation === 'retry' ? 'failedStep' : 'beginning', newestVersion, context)
  }
}
