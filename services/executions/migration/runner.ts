import type { EventStore } from '@weconnect/eventstore/port'
import { LongWork } from '../dispatch/long-work.ts'
import type { Peers } from '../dispatch/peers.ts'
import type { EngineParts } from '../parts.ts'
import type { Blocker } from './face.ts'
import { hold, openCheck, settle } from './participants.ts'
import { type RecordedMigration, readMigration, tellMigration } from './recorded.ts'
import { isUnderWay, type MigrationCommand } from './state.ts'

/** Executions between two marks of how far it is; their appends are made together. */
const perMark = 50

export interface MigrationRunnerOptions {
  readonly parts: EngineParts
  readonly store: EventStore
  readonly peers: Peers
  readonly onError: (error: unknown, migrationId: string) => void
}

/**
 * Moves executions to another version, all or none. Each is held first; when all are, one event on the migration's own stream decides, and then each is
 * let go of as that says. All of it is in the log and is done once, however often it is begun again.
 */
export class MigrationRunner {
  readonly #options: MigrationRunnerOptions
  readonly #work: LongWork

  constructor(options: MigrationRunnerOptions) {
    const { parts, store, peers, onError } = options
    this.#options = options
    const run = (id: string, signal: AbortSignal): Promise<void> => this.#run(id, signal)
    this.#work = new LongWork({ family: 'migration', begins: 'MigrationRequested', store, timer: parts.timer, peers, run, onError })
  }

  start(): Promise<void> {
    return this.#work.start()
  }

  close(): Promise<void> {
    return this.#work.close()
  }

  async #run(id: string, signal: AbortSignal): Promise<void> {
    const { parts } = this.#options
    while (!signal.aborted) {
      const recorded = await readMigration(parts.journal, id)
      if (!isUnderWay(recorded.migration)) return
      const context = { ...recorded.context, actor: `engine:${parts.worker}`, causationId: id }
      await tellMigration(parts.journal, recorded, await this.#next(recorded), context)
    }
  }

  async #next(recorded: RecordedMigration): Promise<MigrationCommand> {
    const { parts } = this.#options
    const { status, requested, done } = recorded.migration
    const ids = requested?.executionIds.slice(done, done + perMark) ?? []
    if (ids.length === 0) return { type: status === 'preparing' ? 'CommitMigration' : 'CompleteMigration' }
    if (status === 'preparing') {
      const blockers = await this.#hold(ids, recorded)
      if (blockers.length > 0) return { type: 'AbandonMigration', blockers }
    } else await Promise.all(ids.map((executionId) => settle(parts, executionId, recorded)))
    return { type: 'MarkProgress', done: done + ids.length }
  }

  async #hold(ids: readonly string[], recorded: RecordedMigration): Promise<readonly Blocker[]> {
    const { parts } = this.#options
    const { requested } = recorded.migration
    if (!requested) return []
    const check = openCheck(parts, requested, recorded.context.organisationId)
    const held = ids.map(async (executionId) =>
      (await hold(parts, check, executionId, recorded)).map((problem) => ({ executionId, ...problem })),
    )
    return (await Promise.all(held)).flat()
  }
}
