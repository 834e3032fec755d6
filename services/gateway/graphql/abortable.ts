/**
 * An iterator that ends when its reader leaves, also while it waits for the next value: a bare async generator would only notice with the next one.
 */
export const abortable = <Value>(start: (signal: AbortSignal) => AsyncIterable<Value>): AsyncIterableIterator<Value> => {
  const controller = new AbortController()
  const iterator = start(controller.signal)[Symbol.asyncIterator]()
  return {
    next: () => iterator.next(),
    return: async () => {
      controller.abort()
      await iterator.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
