/**
 * A map of bounded size that keeps what was used lately: at least the last `capacity` keys, at most twice as many. Two generations, since a map that
 * always drops its oldest key spends its time skipping the holes this leaves.
 */
export const recentlyUsed = <Value>(capacity: number) => {
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()
  const set = (key: string, value: Value): void => {
    young.set(key, value)
    if (young.size < capacity) return
    old = young
    young = new Map()
  }
  return {
    get: (key: string): Value | undefined => {
      const value = young.get(key)
      if (value !== undefined) return value
      const older = old.get(key)
      if (older !== undefined) set(key, older)
      return older
    },
    set,
    delete: (key: string): void => {
      young.delete(key)
      old.delete(key)
    },
    clear: (): void => {
      young = new Map()
      old = new Map()
    },
  }
}
