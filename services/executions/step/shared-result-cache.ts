import type { Outputs } from '@weconnect/contracts/items'
import type { SharedCache } from '@weconnect/redis/cache'
import { open, seal } from '@weconnect/secrets/seal'
import type { ResultCache } from '../parts.ts'

export interface SharedResultCacheOptions {
  /** Of this process: asked first. */
  readonly own: ResultCache
  readonly shared: SharedCache
  /** 32 bytes: what users put through their workflows is not for who can read the shared cache. */
  readonly key: Buffer
}

/** Results of nodes whose cache is on, for all engines: one that ran on another machine is a hit here. */
export const openSharedResultCache = ({ own, shared, key: sealing }: SharedResultCacheOptions): ResultCache => ({
  get: (key, now, of) => {
    const known = own.get(key, now, of)
    return known ?? fromShared(shared, sealing, key)
  },
  set: (key, outputs, expiresAt, now) => {
    own.set(key, outputs, expiresAt, now)
    shared.set(key, seal(sealing, Buffer.from(JSON.stringify(outputs)), Buffer.from(key)), expiresAt - now)
  },
})

const fromShared = async (shared: SharedCache, sealing: Buffer, key: string): Promise<Outputs | undefined> => {
  const sealed = await shared.get(key)
  if (!sealed) return undefined
  try {
    return JSON.parse(open(sealing, sealed, Buffer.from(key)).toString()) as Outputs
  } catch {
    // Of another installation, or tampered with.
    return undefined
  }
}
