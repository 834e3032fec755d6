import type { ArrivalGathered, GatheringEvent } from '@weconnect/contracts/events/gathering'
import type { JsonValue } from '@weconnect/contracts/json'
import { type Gathering, leftOf, type Window, withArrival } from './gathering-state.ts'

/** When what is gathered becomes an execution; milliseconds. */
export type Gathers =
  | { readonly kind: 'debounce'; readonly periodMs: number; readonly maxWaitMs?: number | undefined }
  | { readonly kind: 'batch'; readonly maxSize: number; readonly timeoutMs: number }

export type Arrival = Omit<ArrivalGathered['data'], 'kind' | 'executionId' | 'dueAt'>

export type GatheringCommand =
  | { readonly type: 'Gather'; readonly id: string; readonly arrival: Arrival; readonly gathers: Gathers; readonly now: number }
  | { readonly type: 'CloseGathering'; readonly id: string; readonly now: number }
  | { readonly type: 'NoteBegun'; readonly id: string; readonly executionId: string }

/** The window that holds a delivery that came before. */
export const windowOf = ({ open, before }: Gathering, { arrivalId, deliveryId }: Arrival): Window | undefined =>
  deliveryId === undefined ? undefined : [open, before].find((window) => window?.deliveries.includes(arrivalId))

/** What arrives is put aside until its time has come, or enough has. Pure; the clock comes with the command. */
export const decide = (command: GatheringCommand, state: Gathering): GatheringEvent[] => {
  switch (command.type) {
    case 'Gather':
      return gather(command, state)
    case 'CloseGathering':
      return state.open && command.now >= state.open.dueAt ? [closed(state, state.open, 'due', state.revision + 1)] : []
    case 'NoteBegun': {
      const { executionId } = command
      if (!state.closed.some((window) => window.executionId === executionId)) return []
      return [{ type: 'GatheringBegun', data: { executionId, left: leftOf(state) - 1 } }]
    }
  }
}

const iso = (ms: number): string => new Date(ms).toISOString()

const gather = ({ arrival, gathers, now }: Extract<GatheringCommand, { type: 'Gather' }>, state: Gathering): GatheringEvent[] => {
  if (windowOf(state, arrival)) return []
  const { open } = state
  const data = {
    ...arrival,
    kind: gathers.kind,
    executionId: open?.executionId ?? arrival.arrivalId,
    dueAt: iso(dueAt(gathers, open, now)),
  }
  const event: GatheringEvent = { type: 'ArrivalGathered', data }
  const window = withArrival(state, data, { revision: state.revision + 1, time: iso(now) })
  const isFull = gathers.kind === 'batch' && window.arrivals >= gathers.maxSize
  return isFull ? [event, closed(state, window, 'full', state.revision + 2)] : [event]
}

const dueAt = (gathers: Gathers, open: Window | undefined, now: number): number => {
  if (gathers.kind === 'batch') return open?.dueAt ?? now + gathers.timeoutMs
  const { periodMs, maxWaitMs = Number.POSITIVE_INFINITY } = gathers
  return Math.min(now + periodMs, (open?.firstAt ?? now) + maxWaitMs)
}

/** @param revision of this event */
const closed = (
  { closed: before, organisationId }: Gathering,
  window: Window,
  reason: 'due' | 'full',
  revision: number,
): GatheringEvent => {
  const { executionId, from, to, arrivals } = window
  const after: Gathering = { closed: [...before, window], before: window, revision, organisationId }
  return { type: 'GatheringClosed', data: { executionId, from, to, arrivals, reason, gathering: after as unknown as JsonValue } }
}
