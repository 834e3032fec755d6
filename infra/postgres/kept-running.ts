import { setTimeout as sleep } from 'node:timers/promises'
import { startEmbeddedPostgres } from './embedded.ts'
import type { Connection } from './pool.ts'
import { isAlive } from './postmaster.ts'

export interface KeptPostgres {
  readonly connection: Connection
  stop(): Promise<void>
}

/** Milliseconds between two looks, and between two attempts to start it. */
const interval = 500

/**
 * Starts PostgreSQL as startEmbeddedPostgres does, and again whenever it is gone (killed for its memory, stopped by a full disk): its users
 * connect again, and what they ask for meanwhile fails.
 */
export const keepEmbeddedPostgres = async (options: { folder: string; log: (message: string) => void }): Promise<KeptPostgres> => {
  let server = await startEmbeddedPostgres(options)
  const stopping = new AbortController()

  const startAgain = async (): Promise<void> => {
    options.log('PostgreSQL has ended; starting it again')
    try {
      server = await startEmbeddedPostgres(options)
    } catch (error) {
      options.log(`PostgreSQL does not start: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const watch = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await sleep(interval, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined)
      if (!stopping.signal.aborted && !isAlive(server.pid)) await startAgain()
    }
  }
  const watching = watch()

  return {
    connection: server.connection,
    stop: async () => {
      stopping.abort()
      await watching
      await server.stop()
    },
  }
}
