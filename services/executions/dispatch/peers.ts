import { createHash } from 'node:crypto'

/** The engines of one log, as one of them sees them: what it thinks may be late, so the append decides. */
export interface Peers {
  /** Whether it falls to this engine to take up an execution that nobody has. */
  owns(executionId: string): boolean
  /** Whether a worker may still be running what it claimed. Its own process aside. */
  isAlive(worker: string): boolean
  /** Resolves when one that was alive is no more, or when the signal aborts. */
  gone(signal: AbortSignal): Promise<void>
}

/** The only engine there is: whoever else claimed something is gone. */
export const alone: Peers = { owns: () => true, isAlive: () => false, gone: () => new Promise(() => undefined) }

const weight = (worker: string, executionId: string): bigint =>
  createHash('sha1').update(worker).update(executionId).digest().readBigUInt64BE(0)

/** Whose an execution is: the same for all who know the same workers, and when one comes or goes only its own share moves. */
export const ownerAmong = (workers: Iterable<string>, executionId: string): string | undefined => {
  let owner: string | undefined
  let most = -1n
  for (const worker of workers) {
    const of = weight(worker, executionId)
    if (of > most) [owner, most] = [worker, of]
  }
  return owner
}

/** @param alive the workers that are known to live, asked for each time; itself always counts */
export const openPeers = (worker: string, { alive, gone }: { alive(): ReadonlySet<string>; gone: Peers['gone'] }): Peers => ({
  owns: (executionId) => {
    const known = alive()
    return ownerAmong(known.has(worker) ? known : [...known, worker], executionId) === worker
  },
  isAlive: (other) => alive().has(other),
  gone,
})
