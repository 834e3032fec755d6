import type { TriggerEvent, TriggerFired, TriggerRegistered } from '@weconnect/contracts/events/trigger'
import type { JsonValue } from '@weconnect/contracts/json'

export type Spec = TriggerRegistered['data'] & { readonly organisationId: string }

/** A trigger folded from its stream. All of it is JSON, so that a checkpoint can carry it. */
export interface Trigger {
  readonly phase: 'absent' | 'live' | 'released'
  readonly spec?: Spec
  /** What was seen; absent before the first look. */
  readonly cursor?: JsonValue
  readonly fires: number
  /** Whoever sees it may ask for its execution. */
  readonly last?: TriggerFired['data']
  readonly failing: boolean
  readonly sinceCheckpoint: number
}

export const absentTrigger: Trigger = { phase: 'absent', fires: 0, failing: false, sinceCheckpoint: 0 }

export type Recorded = TriggerEvent & { readonly organisationId: string }

export const evolve = (state: Trigger, event: Recorded): Trigger => {
  const next = applied(state, event)
  return event.type === 'TriggerCheckpointed' ? next : { ...next, sinceCheckpoint: state.sinceCheckpoint + 1 }
}

const applied = (state: Trigger, event: Recorded): Trigger => {
  switch (event.type) {
    case 'TriggerRegistered': {
      const { cursor: _, ...begun } = state
      const spec = { ...event.data, organisationId: event.organisationId }
      const goesOn = state.phase === 'live' && state.spec?.source === spec.source
      return { ...(goesOn ? state : begun), phase: 'live', spec, failing: false }
    }
    case 'TriggerFired':
      return { ...state, fires: state.fires + 1, last: event.data, cursor: event.data.cursor }
    case 'TriggerAdvanced':
      return { ...state, cursor: event.data.cursor }
    case 'TriggerFailed':
      return { ...state, failing: true }
    case 'TriggerRecovered':
      return { ...state, failing: false }
    case 'TriggerReleased':
      return { ...state, phase: 'released' }
    case 'TriggerCheckpointed':
      return event.data.trigger as unknown as Trigger
  }
}
