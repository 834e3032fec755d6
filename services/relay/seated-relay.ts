import type { Relay, RelayStatus } from './face.ts'

/** A place that only one of several processes has. */
export interface RelaySeat {
  /** Resolves when it is lost, or was given up. */
  readonly lost: Promise<void>
  /** Gives it up. */
  leave(): Promise<void>
}

export interface SeatedRelayParts {
  /** A relay that takes over from whoever published before. */
  readonly start: () => Promise<Relay>
  /** Waits for the seat; undefined when the signal aborts before. */
  readonly takeSeat: (signal: AbortSignal) => Promise<RelaySeat | undefined>
  /** Milliseconds, or sooner when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  /** Told when a relay could not be started; it is tried again. */
  readonly onError: (error: unknown) => void
}

const retryMs = 1_000
const waiting: RelayStatus = { state: 'standby', problem: 'another relay publishes', eventsBehind: 0, eventsPublished: 0 }

/**
 * One relay of several: it begins to publish when it is given the seat. The seat only says whose turn it is; that two never publish is Kafka's matter. So who
 * loses the seat publishes on until another takes over, and who was taken over from begins again only when it is given the seat anew.
 */
export const openSeatedRelay = ({ start, takeSeat, wait, onError }: SeatedRelayParts): Relay => {
  const stop = new AbortController()
  const { signal } = stop
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  let active: Relay | undefined

  const close = async (): Promise<void> => {
    const relay = active
    active = undefined
    await relay?.close()
  }

  const hasEnded = async (): Promise<boolean> => {
    const state = (await active?.status())?.state
    return state === undefined || state === 'standby' || state === 'stopped'
  }

  /** The one that publishes already goes on. */
  const publish = async (over: AbortSignal): Promise<void> => {
    if (!(await hasEnded())) return
    await close()
    while (active === undefined && !over.aborted) {
      active = await start().catch((error: unknown) => void onError(error))
      if (active === undefined) await wait(retryMs, over)
    }
  }

  const sitOn = async (seat: RelaySeat): Promise<void> => {
    const lost = new AbortController()
    const over = seat.lost.then(() => lost.abort())
    await publish(AbortSignal.any([signal, lost.signal]))
    await Promise.race([over, stopped])
    if (signal.aborted) await close()
    await seat.leave()
  }

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const seat = await takeSeat(signal)
      if (seat) await sitOn(seat)
    }
    await close()
  }
  const running = run()

  return {
    status: async () => (await active?.status()) ?? waiting,
    close: async () => {
      stop.abort()
      await running
    },
  }
}
