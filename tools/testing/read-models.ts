import type { Context, DomainEvent } from '@weconnect/contracts/envelope'
import { type Head, type Journal, noStream } from '@weconnect/eventstore/journal'
import type { Pool } from '@weconnect/postgres/pool'
import { columnOf, type Table } from '@weconnect/projections/runner/table'
import type { Timers } from '@weconnect/projections/runner/timers'

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
