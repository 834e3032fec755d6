import type { TimeSeries } from '@weconnect/metrics/port'
import type { Timers } from '../runner/timers.ts'

export interface QueueDepth {
  /** Executions that run now. */
  readonly running: number
  /** Those that wait for a place. */
  readonly queued: number
}

export interface QueueDepthOptions {
  readonly series: TimeSeries
  /** It keeps them as long as it keeps single runs. */
  readonly rawBucket: string
  /** The process, as a tag. */
  readonly worker: string
  readonly sample: () => QueueDepth
  readonly timers: Timers
  readonly everyMs?: number
}

/**
 * Notes now and then how many executions run and wait: points of `weconnect_queue`. That is presence, which no log tells afterwards: a sample that cannot be
 * written is gone.
 * @returns what ends it
 */
export const startQueueDepth = ({ series, rawBucket, worker, sample, timers, everyMs = 10_000 }: QueueDepthOptions): (() => void) => {
  let cancel: () => void = () => {}
  const note = (): void => {
    const fields = { ...sample() }
    const point = { measurement: 'weconnect_queue', tags: { worker }, fields, time: BigInt(timers.now()) * 1_000_000n }
    series.write(rawBucket, [point]).catch(() => undefined)
    cancel = timers.after(everyMs, note)
  }
  note()
  return () => cancel()
}
