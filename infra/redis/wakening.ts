/** Wakes all who wait for something new of a topic. */
export interface Wakening {
  /** Resolves at the next `wake` after this call, or when the signal aborts. */
  next(signal: AbortSignal): Promise<void>
  wake(): void
}

export const openWakening = (): Wakening => {
  let gate = Promise.withResolvers<void>()
  return {
    next: async (signal) => {
      if (signal.aborted) return
      const aborted = Promise.withResolvers<void>()
      const abort = (): void => aborted.resolve()
      signal.addEventListener('abort', abort, { once: true })
      await Promise.race([gate.promise, aborted.promise])
      signal.removeEventListener('abort', abort)
    },
    wake: () => {
      gate.resolve()
      gate = Promise.withResolvers<void>()
    },
  }
}
