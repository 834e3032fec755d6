import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import { renamed } from '../decider/migrated.ts'
import type { Step } from '../decider/state.ts'
import type { StreamJournal } from '../parts.ts'
import { type History, keyOf } from './recorded-outside.ts'

type Events = readonly Envelope<ExecutionEvent>[]

/** What an execution did on one version. */
export interface Stretch {
  /** From its first event to the last one on this version. */
  readonly events: Events
  /** Up to and with its move to this version; empty on its first. */
  readonly given: Events
}

export const stretchesOf = (events: Events): readonly Stretch[] => {
  const moves = events.flatMap(({ type }, index) => (type === 'ExecutionMigrated' ? [index] : []))
  return [...moves, events.length].map((end, index) => ({
    events: events.slice(0, end),
    given: events.slice(0, (moves[index - 1] ?? -1) + 1),
  }))
}

/** What people and leases did is no part of what is run again. */
const notGiven: ReadonlySet<string> = new Set([
  'ExecutionClaimed',
  'ExecutionMigrationPrepared',
  'ExecutionMigrationReleased',
  'ExecutionReleased',
  'IncidentResolved',
  'PauseEnded',
  'PauseRequested',
])

/** The beginning of a replay on a later version: what was done before it. A step in doubt is tried again, or ends as it did. */
export const takenAsGiven = (events: Events): ExecutionEvent[] =>
  events
    .filter(({ type }) => !notGiven.has(type))
    .map((event): ExecutionEvent => {
      const { type, data, time } = event as Envelope<ExecutionEvent>
      if (type !== 'IncidentRaised') return { type, data } as ExecutionEvent
      return { type: 'StepRetryScheduled', data: { step: data.step, attempt: data.attempt, dueAt: time } }
    })

/** A wait that nothing recorded has ended does not end in a replay. */
export const mayGoOn = ({ step, attempt, status, resumedRevision }: Step, { outcomes }: History): boolean =>
  (status !== 'waiting' && resumedRevision === undefined) || outcomes.has(keyOf(step, attempt))

/** Events that are known, as a journal to read. */
export const journalOf = (events: Events): StreamJournal => ({
  append: () => Promise.reject(new Error('what is recorded is not written again')),
  read: async function* () {
    yield* events
  },
})

/** The events with their nodes as the version is on which the execution was in the end. */
export const underNewNames = (events: Events): Events => {
  const moves = events.flatMap((event, index) => (event.type === 'ExecutionMigrated' ? [{ index, nodes: event.data.nodes }] : []))
  if (moves.length === 0) return events
  return events.map((event, at) => {
    if (!('nodeName' in event.data)) return event
    const data = moves
      .filter(({ index }) => index > at)
      .reduce((known: { readonly nodeId: string; readonly nodeName: string }, { nodes }) => renamed(known, nodes), event.data as never)
    return { ...event, data } as Envelope<ExecutionEvent>
  })
}
