/** A map of bounded size: what was not touched for longest goes first. */
export const leastRecentlyUsed = <Value>(capacity: number) => {
  const values = new Map<string, Value>()
  const set = (key: string, value: Value): void => {
    values.delete(key)
    values.set(key, value)
    if (values.size > capacity) values.delete(values.keys().next().value as string)
  }
  return {
    get: (key: string): Value | undefined => {
      const value = values.get(key)
      if (value !== undefined) set(key, value)
      return value
    },
    set,
    delete: (key: string): boolean => values.delete(key),
    clear: (): void => values.clear(),
  }
}
