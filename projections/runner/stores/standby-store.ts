import type { Projector, RebuildProgress } from '../face.ts'
import { rest, type Timers } from '../timers.ts'
import type { Progress } from '../waiters.ts'

/** A place that one process has at a time. */
export interface StoreSeat {
  readonly lost: Promise<void>
  leave(): Promise<void>
}

export interface StandbyStoreParts {
  readonly name: string
  readonly timers: Timers
  /** Waits until no other process keeps the read model; undefined when the signal aborts before. */
  readonly takeSeat: (signal: AbortSignal) => Promise<StoreSeat | undefined>
  /** Keeps it. */
  readonly start: () => Projector
  /** What the process that keeps it tells of it. */
  readonly elsewhere: Projector
  /** Builds it anew beside whoever keeps it, who notices and goes on from there. */
  readonly rebuildBeside: (onProgress: (progress: RebuildProgress) => void) => Promise<RebuildProgress>
  /** Called again and again while another process keeps it. */
  readonly onMoved: (progress: readonly Progress[]) => void
}

/** Milliseconds between two looks at how far the other process is. */
const lookMs = 200

/**
 * The read model of a store that one of several processes keeps: sums and generations of a store are not made for two writers. When that one dies, another
 * takes its place and goes on where the store says.
 */
export const standbyStore = ({ name, timers, takeSeat, start, elsewhere, rebuildBeside, onMoved }: StandbyStoreParts): Projector => {
  const closing = new AbortController()
  const { signal } = closing
  let active: Projector | undefined

  const statusElsewhere = async () => (await elsewhere.status()).filter((one) => one.name === name)

  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      if (active === undefined) {
        const found = await statusElsewhere().catch(() => [])
        if (active === undefined) onMoved(found.map(({ position, state }) => ({ name, position, condition: state })))
      }
      await rest(timers, lookMs, signal)
    }
  }

  const serve = async (): Promise<void> => {
    while (!signal.aborted) {
      const seat = await takeSeat(signal)
      if (seat === undefined) return
      active = start()
      await Promise.race([seat.lost, new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))])
      const ended = active
      active = undefined
      await ended.close()
      await seat.leave()
    }
  }
  const running = Promise.all([serve(), watch()])

  return {
    status: () => active?.status() ?? statusElsewhere(),
    rebuild: (asked, onProgress = () => undefined) => active?.rebuild(asked, onProgress) ?? rebuildBeside(onProgress),
    retry: (asked) => active?.retry(asked) ?? elsewhere.retry(asked),
    waitFor: (position, options) => active?.waitFor(position, options) ?? elsewhere.waitFor(position, options),
    close: async () => {
      closing.abort()
      await running
    },
  }
}
