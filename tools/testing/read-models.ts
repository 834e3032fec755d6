import type { Context, DomainEvent } from '@weconnect/contracts/envelope'
import { type Head, type Journal, noStream } from '@weconnect/eventstore/journal'
import type { Pool } from '@weconnect/postgres/pool'
import type { Projector } from '@weconnect/projections/runner/face'
import type { Projection } from '@weconnect/projections/runner/projection'
import { startProjectionRunner } from '@weconnect/projections/runner/runner'
import type { ReadModelStore } from '@weconnect/projections/runner/store'
import { startStoreRunner } from '@weconnect/projections/runner/store-runner'
import { columnOf, type Table } from '@weconnect/projections/runner/table'
import type { Timers } from '@weconnect/projections/runner/timers'
import { openJournalFixture, someContext } from './journal-fixture.ts'
import { testDatabase } from './postgres.ts'

export const timers: Timers = {
  now: Date.now,
  after: (ms, call) => {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}

/** Appends to streams, keeping their heads. @returns the position of the append */
export const appender = (journal: Journal, context: Context) => {
  const heads = new Map<string, Head>()
  return async (stream: string, ...events: readonly DomainEvent[]): Promise<string> => {
    const written = await journal.append(stream, heads.get(stream) ?? noStream, events, context)
    heads.set(stream, written.head)
    return written.token.position
  }
}

/** Rows of tables, in the order of their keys. */
export const contentOf = async (pool: Pool, tables: readonly Table[]): Promise<Readonly<Record<string, readonly unknown[]>>> => {
  const content: Record<string, readonly unknown[]> = {}
  for (const { name, columns, key } of tables) {
    const stored = Object.keys(columns).filter((column) => columnOf(columns[column] ?? 'text').generated === undefined)
    content[name] = await pool.query(`select ${stored.join(', ')} from public.${name} order by ${key.join(', ')}`)
  }
  return content
}

export interface ReadModels {
  readonly sql: Pool
  readonly organisationId: string
  /** Appends as someone of the organisation, or as `context` says, and waits until it can be read. */
  write(stream: string, events: readonly DomainEvent[], context?: Partial<Context>): Promise<string>
  close(): Promise<void>
}

/** Read models over a log of their own. */
export const openReadModels = async (projections: readonly Projection[]): Promise<ReadModels> => {
  const database = await testDatabase()
  const log = openJournalFixture()
  const runner = await startProjectionRunner({ journal: log.journal, pool: database.pool, projections, timers, restMs: 1 })
  const { write, organisationId } = writing(log.journal, runner)
  return {
    ...{ sql: database.pool, organisationId, write },
    close: async () => {
      await runner.close()
      await database.close()
      await log.close()
    },
  }
}

export interface StoreModel extends Omit<ReadModels, 'sql'> {
  readonly journal: Journal
  readonly runner: Projector
}

/** The read model of a store, over a log of its own. */
export const openStoreModel = (store: ReadModelStore, log = openJournalFixture()): StoreModel => {
  const runner = startStoreRunner({ journal: log.journal, store, timers, restMs: 1 })
  return {
    ...{ ...writing(log.journal, runner), journal: log.journal, runner },
    close: async () => {
      await runner.close()
      await log.close()
    },
  }
}

const writing = (journal: Journal, runner: Projector): Pick<ReadModels, 'write' | 'organisationId'> => {
  const someone = someContext()
  const heads = new Map<string, Head>()
  return {
    organisationId: someone.organisationId,
    write: async (stream, events, context = {}) => {
      const { head, token } = await journal.append(stream, heads.get(stream) ?? noStream, events, { ...someone, ...context })
      heads.set(stream, head)
      const names = (await runner.status()).map(({ name }) => name)
      await runner.waitFor(token.position, { names, timeoutMs: 60_000 })
      return token.position
    },
  }
}
