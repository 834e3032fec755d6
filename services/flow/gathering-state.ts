import type { GatheringEvent } from '@weconnect/contracts/events/gathering'

/** Arrivals that become one execution. */
export interface Window {
  readonly executionId: string
  readonly workflowId: string
  readonly kind: 'debounce' | 'batch'
  /** Revisions of its first and of its last arrival. */
  readonly from: number
  readonly to: number
  readonly arrivals: number
  /** Milliseconds since the epoch. */
  readonly firstAt: number
  readonly dueAt: number
  /** Those that a repeated delivery would be known by. */
  readonly deliveries: readonly string[]
}

/** A gathering folded from its stream. All of it is JSON, so that a close can carry it. */
export interface Gathering {
  readonly open?: Window
  /** Closed, and not known to be in the log as executions. */
  readonly closed: readonly Window[]
  /** The window before the open one, for deliveries that are repeated late. */
  readonly before?: Window
  /** Revision of the newest event. */
  readonly revision: number
  readonly organisationId: string
}

export const emptyGathering: Gathering = { closed: [], revision: -1, organisationId: '' }

/** What `evolve` needs of an event; the rest comes from its envelope. */
export type RecordedGathering = GatheringEvent & { readonly revision: number; readonly time: string; readonly organisationId: string }

export const evolve = (state: Gathering, event: RecordedGathering): Gathering => {
  const { revision, organisationId } = event
  switch (event.type) {
    case 'ArrivalGathered':
      return { ...state, revision, organisationId, open: withArrival(state, event.data, event) }
    case 'GatheringClosed':
      return event.data.gathering as unknown as Gathering
    case 'GatheringBegun': {
      const closed = state.closed.filter(({ executionId }) => executionId !== event.data.executionId)
      return { ...state, revision, closed }
    }
  }
}

type Arrival = Extract<GatheringEvent, { type: 'ArrivalGathered' }>['data']

export const withArrival = (
  { open }: Gathering,
  { executionId, workflowId, kind, arrivalId, deliveryId, dueAt }: Arrival,
  { revision, time }: { readonly revision: number; readonly time: string },
): Window => ({
  executionId,
  workflowId,
  kind,
  from: open?.from ?? revision,
  to: revision,
  arrivals: (open?.arrivals ?? 0) + 1,
  firstAt: open?.firstAt ?? Date.parse(time),
  dueAt: Date.parse(dueAt),
  deliveries: deliveryId === undefined ? (open?.deliveries ?? []) : [...(open?.deliveries ?? []), arrivalId],
})

/** What has to be looked after. */
export const leftOf = ({ open, closed }: Gathering): number => closed.length + (open ? 1 : 0)
