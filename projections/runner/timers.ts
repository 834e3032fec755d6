/** The clock and the timer of the process, given by whoever starts it. */
export interface Timers {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls once, after at least `ms`. @returns what cancels it */
  after(ms: number, call: () => void): () => void
}

/** The rests of a loop, which others may end early. */
export interface Rests {
  rest(ms: number): Promise<void>
  /** Ends the rest that goes on, if one does. */
  wake(): void
}

export const openRests = (timers: Timers): Rests => {
  let wake = (): void => {}
  return {
    rest: async (ms) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      const cancel = timers.after(ms, resolve)
      await promise
      cancel()
      wake = () => {}
    },
    wake: () => wake(),
  }
}

/** Resolves after `ms`, or at once when the signal aborts. */
export const rest = async (timers: Timers, ms: number, signal?: AbortSignal): Promise<void> => {
  const { rest: begin, wake } = openRests(timers)
  signal?.addEventListener('abort', wake, { once: true })
  await begin(signal?.aborted ? 0 : ms)
  signal?.removeEventListener('abort', wake)
}
