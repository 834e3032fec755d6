import { type Connection, openPool } from '@weconnect/postgres/pool'
import type { EventStore, WorkOf, WorkRow } from '../port.ts'
import { parsePosition } from '../position.ts'
import { openKeptWork, tendEveryMs } from './kept-work.ts'
import { openWorkFile } from './open-work.ts'
import type { EsdbReader } from './reader.ts'
import { workKeeper } from './work-keeper.ts'

export interface FoldedWorkParts {
  readonly logId: string
  readonly reader: EsdbReader
  readonly subscribe: EventStore['subscribe']
  readonly workOf: WorkOf
  readonly workVersion?: number
  readonly folder?: string
  readonly workDatabase?: Connection | string
}

/** What is open in a log that cannot say it itself. */
export interface FoldedWork {
  /** As it is at the end of the log. */
  rows(): Promise<readonly WorkRow[]>
  close(): Promise<void>
}

/** Milliseconds. What was folded since is folded again by a process that starts. */
const saveEveryMs = 2_000

/** Opens what was kept, and reads on from there as long as it is open. */
export const openFoldedWork = async (parts: FoldedWorkParts): Promise<FoldedWork> => {
  const { logId, reader, subscribe, workOf, folder } = parts
  const fold = `${logId}/${parts.workVersion ?? 1}`
  const kept = parts.workDatabase === undefined ? undefined : await openKept(parts.workDatabase, fold, reader, logId)
  const file = openWorkFile(folder, fold, workOf, kept?.keeper.note)
  if (kept) file.begin(kept.rows)
  const stop = new AbortController()
  const from = kept?.position ?? file.position
  let folded = from === undefined ? 0 : parsePosition(logId, from)
  let savedAt = performance.now()
  let failure: unknown
  let moved = Promise.withResolvers<void>()

  const follow = async (): Promise<void> => {
    for await (const events of subscribe({ after: from ?? 'start', signal: stop.signal })) {
      file.fold(events)
      const position = events.at(-1)?.position ?? ''
      folded = parsePosition(logId, position)
      moved.resolve()
      moved = Promise.withResolvers()
      if (!kept || performance.now() - savedAt < saveEveryMs) continue
      savedAt = performance.now()
      void kept.keeper.save(position)
    }
  }
  const following = follow().catch((error: unknown) => {
    failure = error
    moved.resolve()
  })
  return {
    rows: async () => {
      const head = await reader.headPlace()
      while (folded < head && failure === undefined) await moved.promise
      if (failure !== undefined) throw failure
      return file.rows()
    },
    close: async () => {
      stop.abort()
      await following
      if (kept && folded > 0) await kept.keeper.save(reader.position(folded))
      await kept?.close()
      file.close()
    },
  }
}

const openKept = async (database: Connection | string, fold: string, reader: EsdbReader, logId: string) => {
  const pool = openPool(database, 1)
  try {
    const kept = await openKeptWork(pool, fold)
    const found = await kept.read()
    // A log that was brought back from a backup ends before it.
    const isOfLog = found !== undefined && parsePosition(logId, found.position) <= (await reader.headPlace())
    if (found !== undefined && !isOfLog) await kept.drop()
    const position = isOfLog ? found.position : undefined
    // While the database is away, it is said the next time.
    const tend = (): void => void kept.tend().catch(() => undefined)
    tend()
    const tending = setInterval(tend, tendEveryMs).unref()
    const close = (): Promise<void> => {
      clearInterval(tending)
      return pool.close()
    }
    return { keeper: workKeeper(kept, position), position, rows: isOfLog ? found.rows : [], close }
  } catch (error) {
    await pool.close()
    throw error
  }
}
