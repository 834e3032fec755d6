/**
 * Gathers the keys that are asked for within one turn and loads them together, each once: against a query per row.
 * @param load answers in the order of the keys
 */
export const batched = <Value>(load: (keys: readonly string[]) => Promise<readonly Value[]>): ((key: string) => Promise<Value>) => {
  const known = new Map<string, Promise<Value>>()
  let waiting: string[] | undefined
  let batch: Promise<readonly Value[]>

  const start = (): string[] => {
    const keys: string[] = []
    // After the promises that are ready now have gone on, so that what they ask for comes along.
    batch = Promise.resolve()
      .then(() => new Promise<void>((resolve) => process.nextTick(resolve)))
      .then(() => {
        waiting = undefined
        return load(keys)
      })
    return keys
  }

  return (key) => {
    const value = known.get(key)
    if (value !== undefined) return value
    waiting ??= start()
    const index = waiting.push(key) - 1
    const loaded = batch.then((values) => values[index] as Value)
    known.set(key, loaded)
    return loaded
  }
}
