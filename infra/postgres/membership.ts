import { Worker } from 'node:worker_threads'
import type { Connection } from './pool.ts'

export interface MembershipSettings {
  /** The embedded server's socket, or a postgres:// URL. */
  readonly database: Connection | string
  /** What the members have in common, such as the log that they work on. */
  readonly group: string
  /** Unique; another at each start. */
  readonly member: string
  /** Milliseconds between two renewals. */
  readonly renewMs: number
  /** Milliseconds after the last renewal, by the clock of the database, for which a member counts as alive. */
  readonly aliveMs: number
}

/** Who is alive of a group of processes. */
export interface Membership {
  /** As it was at the last renewal; who cannot ask keeps what it knew, as nobody may be taken for dead on a guess. */
  alive(): ReadonlySet<string>
  /** Resolves when somebody who was alive is no more, or when the signal aborts. */
  gone(signal: AbortSignal): Promise<void>
  /** What is wrong when it could not be renewed last time. */
  problem(): string | undefined
  /** Leaves at once: the others need not wait. */
  close(): Promise<void>
}

export type FromMembershipThread = { readonly alive: readonly string[] } | { readonly problem: string } | { readonly left: true }

/**
 * Renews a row for this process, in a thread of its own, so that work which keeps the process busy does not make it look dead. Resolves when it is a member.
 * @throws Error when the thread cannot start
 */
export const joinMembership = async (settings: MembershipSettings, onError: (error: unknown) => void): Promise<Membership> => {
  const worker = new Worker(new URL('./membership-thread.ts', import.meta.url), {
    workerData: settings,
    name: 'membership',
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 },
  })
  const joined = Promise.withResolvers<void>()
  const left = Promise.withResolvers<void>()
  let alive: ReadonlySet<string> = new Set([settings.member])
  let problem: string | undefined
  const mourners = new Set<() => void>()
  worker.on('message', (message: FromMembershipThread) => {
    if ('left' in message) return left.resolve()
    problem = 'problem' in message ? message.problem : undefined
    if ('alive' in message) {
      const before = alive
      alive = new Set(message.alive)
      if (!before.isSubsetOf(alive)) for (const tell of mourners) tell()
    }
    joined.resolve()
  })
  worker.on('error', (error) => {
    problem = 'its thread ended'
    onError(error)
  })
  worker.on('exit', () => {
    joined.resolve()
    left.resolve()
  })
  await joined.promise
  return {
    alive: () => alive,
    gone: (signal) =>
      new Promise((resolve) => {
        const tell = (): void => {
          mourners.delete(tell)
          signal.removeEventListener('abort', tell)
          resolve()
        }
        if (signal.aborted) return resolve()
        mourners.add(tell)
        signal.addEventListener('abort', tell)
      }),
    problem: () => problem,
    close: async () => {
      worker.postMessage('leave')
      await left.promise
      await worker.terminate()
    },
  }
}
