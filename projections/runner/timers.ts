/** The clock and the timer of the process, given by whoever starts it. */
export interface Timers {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls once, after at least `ms`. @returns what cancels it */
  after(ms: number, call: () => void): () => void
}

/** Resolves after `ms`, or at once when `wake` is called. */
export const startRest = (timers: Timers, ms: number): { readonly over: Promise<void>; wake(): void } => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = timers.after(ms, resolve)
  return {
    over: promise,
    wake: () => {
      cancel()
      resolve()
    },
  }
}
