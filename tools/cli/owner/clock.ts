import { setTimeout as wait } from 'node:timers/promises'
import type { Clock, Timer } from '@weconnect/executions/parts'

/** The real time, for everything that is given a clock or a timer. */
export const clock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now() }

const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await wait(ms, undefined, { signal }).catch(() => undefined)
}

export const timer: Timer = { wait: pause, limit: pause }

export const after = (ms: number, call: () => void): (() => void) => {
  const handle = setTimeout(call, ms)
  return () => clearTimeout(handle)
}
