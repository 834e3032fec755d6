import type { Execution } from './state.ts'

/** Waits of branches beside an incident count only where branches are on their own. */
const isHeld = ({ pausedByHand, incidents, started, compensation }: Execution): boolean =>
  pausedByHand !== undefined || (incidents > 0 && (started?.executionOrder !== 'parallel' || compensation !== undefined))

/** Whether nobody runs it: what is said now is for another run. */
export const isAtRest = (state: Execution): boolean =>
  state.pausedFor !== undefined || state.pausedByHand !== undefined || isHeld(state) || state.started === undefined

/** What an event says of that. */
export const atRest = (state: Execution): { readonly atRest?: true } => (isAtRest(state) ? { atRest: true } : {})

const never = Number.POSITIVE_INFINITY
const msOf = (iso: string | undefined): number => (iso === undefined ? never : Date.parse(iso))

/**
 * When an execution that nobody runs may be gone on with, in milliseconds since the epoch: 0 = now, infinity = when someone says so. No time limit
 * strikes while people hold it.
 */
export const restsUntil = (state: Execution): number => {
  if (state.migration) return msOf(state.migration.until)
  if (state.cancellationRequested && !state.compensation) return 0
  if (isHeld(state)) return never
  return state.pausedFor === undefined ? 0 : Math.min(msOf(state.pausedUntil), msOf(state.deadline))
}
