import type { ExecutionRequested } from '@weconnect/contracts/events/execution'
import type { JsonValue } from '@weconnect/contracts/json'

/**
 * Why an execution has work. `begin`: it was asked for; `webhook`: by a caller who does not wait; `errorWorkflow`: by a failure; `goOn`: a wait is over, or
 * a person said something; `retry`: a step is to be tried again.
 */
export type WorkKind = 'begin' | 'webhook' | 'errorWorkflow' | 'goOn' | 'retry'

/** A hint that there is work in an execution. What the work is, the log says. */
export interface Work {
  readonly executionId: string
  readonly kind: WorkKind
  /** Milliseconds since the epoch; now when absent. */
  readonly dueAt?: number
  /** 1 (first) to 5; 3 is usual. */
  readonly priority?: number
  /** Whoever had it, or asked for it, may have died at it. */
  readonly isLeftBehind?: boolean | undefined
}

/** Hands executions that nobody waits for to whichever engine is free. */
export interface Dispatch {
  /** Whether work of this kind is handed over at the moment. */
  takes(kind: WorkKind): boolean
  /** Never waits. What cannot be handed over after all comes back to the engine. @returns false when it is to be done here */
  offer(work: Work): boolean
}

/** Everything is done where it is found. */
export const here: Dispatch = { takes: () => false, offer: () => false }

export const kindOfTrigger = (trigger: ExecutionRequested['data']['trigger']): WorkKind => {
  if (trigger === 'webhook') return 'webhook'
  return trigger === 'error' ? 'errorWorkflow' : 'begin'
}

type Stored = Pick<ExecutionRequested['data'], 'trigger' | 'priority'> & { readonly flow?: JsonValue }

/**
 * @param data of an ExecutionRequested, as it is stored: what of it the user gave is sealed, the rest is in the clear
 * @returns undefined when it must hold slots first: the engine that asks for them goes on with it
 */
export const workOfRequest = (executionId: string, data: Buffer): Work | undefined => {
  const { trigger, priority, flow } = JSON.parse(data.toString()) as Stored
  if (flow !== undefined && flow !== null) return undefined
  return { executionId, kind: kindOfTrigger(trigger), ...(typeof priority === 'number' && { priority }) }
}
