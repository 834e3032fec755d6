import type { Outputs } from '@weconnect/contracts/items'
import type { ResultCache } from '../parts.ts'

/** Results of nodes whose cache is on, the oldest forgotten first. */
export const openResultCache = (maxEntries = 1000): ResultCache => {
  const entries = new Map<string, { readonly outputs: Outputs; readonly expiresAt: number }>()
  return {
    get: (key, now) => {
      const entry = entries.get(key)
      if (entry && entry.expiresAt > now) return entry.outputs
      entries.delete(key)
      return undefined
    },
    set: (key, outputs, expiresAt) => {
      entries.delete(key)
      entries.set(key, { outputs, expiresAt })
      const oldest = entries.keys().next()
      if (entries.size > maxEntries && !oldest.done) entries.delete(oldest.value)
    },
  }
}
