/** What was started, to be closed in reverse. */
export interface Closing {
  add(close: () => unknown): void
  close(): Promise<void>
}

export const openClosing = (): Closing => {
  const closers: (() => unknown)[] = []
  return {
    add: (close) => void closers.push(close),
    close: async () => {
      for (const close of closers.splice(0).reverse()) await close()
    },
  }
}
