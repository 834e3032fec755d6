import type { Sql } from '@weconnect/postgres/pool'
import { elsewhere, saveCheckpoint } from '../checkpoints.ts'
import type { Progress } from '../waiters.ts'

/**
 * Notes how far the read models of stores are beside the checkpoints of the others, where processes that keep none look. The newest word of each is
 * written, one at a time; when PostgreSQL is away it is lost, and the next one counts.
 * @param versionOf of a read model
 */
export const storeProgress = (sql: Sql, versionOf: (name: string) => number): ((moved: readonly Progress[]) => void) => {
  const pending = new Map<string, Progress>()
  let writing = false
  const write = async (): Promise<void> => {
    writing = true
    for (const [name, { position, condition }] of pending) {
      pending.delete(name)
      const status = condition === 'rebuilding' ? 'waiting' : condition
      await saveCheckpoint(sql, {
        ...{ name, version: versionOf(name), layout: elsewhere, relations: [], status },
        ...{ position: position ?? null, error: null },
      }).catch(() => undefined)
    }
    writing = false
  }
  return (moved) => {
    for (const one of moved) pending.set(one.name, one)
    if (!writing) void write()
  }
}
