import { percentile } from './statistics.ts'

/** When something happened, and when we heard of it; milliseconds since the epoch. */
export interface Seen {
  readonly at: number
  readonly heardAt: number
}

export interface Listener {
  readonly seen: readonly Seen[]
  /** Those of them that end an execution. */
  readonly ends: readonly Seen[]
}

/** Who hears of events of executions. */
export const listener = (now: () => number = Date.now) => {
  const [seen, ends]: [Seen[], Seen[]] = [[], []]
  const note = (type: string, time: string): void => {
    const one = { at: Date.parse(time), heardAt: now() }
    seen.push(one)
    if (type === 'ExecutionCompleted') ends.push(one)
  }
  return { seen, ends, note }
}

export interface HeardAfter {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Of what happened since a time. @throws RangeError when there was nothing */
export const heardAfter = (seen: readonly Seen[], from: number): HeardAfter => {
  const waits = Float64Array.from(since(seen, from), ({ at, heardAt }) => heardAt - at).sort()
  return { count: waits.length, p50Ms: percentile(waits, 0.5), p99Ms: percentile(waits, 0.99) }
}

export const since = (seen: readonly Seen[], from: number): readonly Seen[] => seen.filter(({ at }) => at >= from)
