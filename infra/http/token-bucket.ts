/** A bucket of `burst` tokens that fills by `perSecond`. */
export interface Rate {
  readonly burst: number
  readonly perSecond: number
}

interface Bucket {
  tokens: number
  filledAtMs: number
}

/** Buckets kept at most; when there are more, the one that was used longest ago starts anew. */
const maxBuckets = 10_000

export interface Throttle {
  /** Takes one token of the key. @returns 0, or the seconds (a whole number >= 1) to wait before the next try */
  take(key: string): number | Promise<number>
}
/** One that need not ask anyone. */
export interface OwnThrottle extends Throttle {
  take(key: string): number
}

/** Token buckets by key, in the memory of this process. @param now milliseconds since the epoch */
export const openThrottle = ({ burst, perSecond }: Rate, now: () => number): OwnThrottle => {
  const buckets = new Map<string, Bucket>()

  const filled = (key: string): Bucket => {
    const nowMs = now()
    const old = buckets.get(key) ?? { tokens: burst, filledAtMs: nowMs }
    const tokens = Math.min(burst, old.tokens + ((nowMs - old.filledAtMs) / 1000) * perSecond)
    return { tokens, filledAtMs: nowMs }
  }

  return {
    take: (key) => {
      const bucket = filled(key)
      const wait = bucket.tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond))
      if (wait === 0) bucket.tokens -= 1
      buckets.delete(key)
      if (buckets.size >= maxBuckets) buckets.delete(buckets.keys().next().value ?? '')
      buckets.set(key, bucket)
      return wait
    },
  }
}
