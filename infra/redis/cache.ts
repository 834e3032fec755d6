import type { RedisLink } from './connect.ts'

/** Bytes that may be forgotten at any time. The caller seals what is not for everyone. */
export interface SharedCache {
  /** Undefined when it is not known, and while Redis is away. */
  get(key: string): Promise<Buffer | undefined>
  /** Done without waiting. @param ttlMs at least 1 */
  set(key: string, bytes: Buffer, ttlMs: number): void
}

/** Redis is no store of files. */
const largestBytes = 1024 * 1024

/** @param name in front of the keys */
export const openSharedCache = ({ commands, prefix, status }: RedisLink, name: string): SharedCache => {
  const keyOf = (key: string): string => `${prefix}:cache:${name}:${key}`
  return {
    get: async (key) => {
      if (status().state === 'down') return undefined
      return (await commands.getBuffer(keyOf(key)).catch(() => null)) ?? undefined
    },
    set: (key, bytes, ttlMs) => {
      if (status().state === 'down' || bytes.length > largestBytes) return
      void commands.set(keyOf(key), bytes, 'PX', Math.max(1, Math.round(ttlMs))).catch(() => undefined)
    },
  }
}
