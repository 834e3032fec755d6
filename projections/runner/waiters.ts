import type { Position } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Projector } from './face.ts'
import type { Timers } from './timers.ts'

/** How far a projection is. */
export interface Progress {
  readonly name: string
  readonly position?: Position | undefined
  /** `waiting`: its server does not answer, so nobody waits for it who does not name it. */
  readonly condition: 'running' | 'stopped' | 'rebuilding' | 'waiting'
}

export interface Waiters {
  waitFor: Projector['waitFor']
  /** Called whenever a projection moved or stopped. */
  moved(): void
  readonly any: boolean
}

interface Waiter {
  readonly position: Position
  readonly names: readonly string[] | undefined
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Those who wait for their own write.
 * @param progress empty while nothing is known: then everybody waits
 * @param poke called for each that has to wait: what was written should be looked for now
 */
export const positionWaiters = (timers: Timers, progress: () => Iterable<Progress>, poke: (position: Position) => void): Waiters => {
  const waiting = new Set<Waiter>()
  return {
    get any() {
      return waiting.size > 0
    },
    waitFor: async (position, { names, timeoutMs = 5_000 } = {}) => {
      if (reached(progress(), position, names)) return
      await new Promise<void>((resolve, reject) => {
        const cancel = timers.after(timeoutMs, () => {
          waiting.delete(waiter)
          reject(new WeConnectError('PROJECTION_BEHIND', `the read models have not reached ${position} within ${timeoutMs} ms`))
        })
        const end = (settle: () => void) => {
          cancel()
          waiting.delete(waiter)
          settle()
        }
        const waiter: Waiter = { position, names, resolve: () => end(resolve), reject: (error) => end(() => reject(error)) }
        waiting.add(waiter)
        poke(position)
      })
    },
    moved: () => {
      for (const waiter of [...waiting]) settle(waiter, progress())
    },
  }
}

const settle = (waiter: Waiter, progress: Iterable<Progress>): void => {
  try {
    if (reached(progress, waiter.position, waiter.names)) waiter.resolve()
  } catch (error) {
    waiter.reject(error)
  }
}

/** @throws WeConnectError PROJECTION_STOPPED, CURSOR_OF_ANOTHER_LOG */
const reached = (progress: Iterable<Progress>, position: Position, names: readonly string[] | undefined): boolean => {
  let any = false
  for (const { name, position: at, condition } of progress) {
    any = true
    if (names === undefined ? condition !== 'running' : !names.includes(name)) continue
    if (condition === 'stopped')
      throw new WeConnectError('PROJECTION_STOPPED', `the read model ${name} is stopped by an event it cannot apply`)
    if (at !== undefined && logOf(at) !== logOf(position))
      throw new WeConnectError('CURSOR_OF_ANOTHER_LOG', `the position ${position} belongs to another log`)
    if (at === undefined || at < position) return false
  }
  return any
}

export const logOf = (position: Position): string => position.slice(0, position.lastIndexOf('-'))
/** Events between two positions of a log without gaps; about that many in one with gaps. */
export const distance = (from: Position | undefined, to: Position | undefined): number =>
  to === undefined ? 0 : placeOf(to) - (from === undefined ? 0 : placeOf(from))
export const placeOf = (position: Position): number => Number(position.slice(position.lastIndexOf('-') + 1))
