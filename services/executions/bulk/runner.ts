import type { Context } from '@weconnect/contracts/envelope'
import { errorCodes, publicError } from '@weconnect/contracts/errors'
import type { EventStore } from '@weconnect/eventstore/port'
import { v5 as uuid5 } from 'uuid'
import { LongWork } from '../dispatch/long-work.ts'
import type { Peers } from '../dispatch/peers.ts'
import type { EngineParts } from '../parts.ts'
import { tell } from '../stream/tell.ts'
import { bulkStream, type RecordedBulk, readBulk } from './recorded.ts'
import { type Bulk, decideBulk, type Outcome, perMark } from './state.ts'

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
  readonly #work: LongWork

  constructor(options: BulkRunnerOptions) {
    const { parts, store, peers, onError } = options
    this.#options = options
    const run = (bulkId: string, signal: AbortSignal): Promise<void> => this.#run(bulkId, signal)
    this.#work = new LongWork({ family: 'bulk', begins: 'BulkRequested', store, timer: parts.timer, peers, run, onError })
  }

  start(): Promise<void> {
    return this.#work.start()
  }

  close(): Promise<void> {
    return this.#work.close()
  }

  async #run(bulkId: string, signal: AbortSignal): Promise<void> {
    const { parts } = this.#options
    for (;;) {
      const recorded = await readBulk(parts.journal, bulkId)
      if (recorded.bulk.status !== 'running' || signal.aborted) return
      const outcomes = await this.#next(bulkId, recorded, signal)
      if (signal.aborted) return
      await parts.journal.append(bulkStream(bulkId), recorded.head, decideBulk({ type: 'MarkProgress', outcomes }, recorded.bulk), {
        ...recorded.context,
        actor: `engine:${bulkId}`,
      })
    }
  }

  async #next(bulkId: string, { bulk, context }: RecordedBulk, signal: AbortSignal): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = []
    for (const executionId of bulk.requested?.executionIds.slice(bulk.done, bulk.done + perMark) ?? []) {
      if (signal.aborted) return outcomes
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
