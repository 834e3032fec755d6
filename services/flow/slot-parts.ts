import type { Journal } from '@weconnect/eventstore/journal'
import type { Demand, Flow } from './demands.ts'

/** An execution as its stream has it. */
export interface Standing {
  readonly status: 'absent' | 'pending' | 'running' | 'waiting' | 'ended'
  readonly epoch: number
  readonly organisationId: string
  readonly flow: Flow | undefined
}

/** Who asks for slots. */
export interface Claimant {
  readonly executionId: string
  readonly workflowId: string
  readonly organisationId: string
  /** With which it is going to run. */
  readonly epoch: number
  readonly priority: number
  /** ISO 8601. */
  readonly requestedAt: string
}

export interface Alarms {
  /** @param at milliseconds since the epoch */
  set(key: string, at: number): void
  close(): void
}

export interface SlotParts {
  readonly journal: Pick<Journal, 'append' | 'read'>
  readonly now: () => number
  readonly alarms: (fire: (key: string) => void) => Alarms
  readonly worker: string
  /** Share of an organisation among the others, a whole number of at least 1. */
  readonly weightOf: (organisationId: string) => number
  readonly standing: (executionId: string) => Promise<Standing>
  /** Its turn has come: something that it waited for was granted. */
  readonly granted: (executionId: string, priority: number) => void
  /** It makes way for another. @returns false when it is not in the log */
  readonly preempted: (executionId: string, by: string) => Promise<boolean>
  /** Whether it runs here, or is about to: then it says itself when it leaves. */
  readonly isHere: (executionId: string) => boolean
  readonly onError: (error: unknown, executionId: string) => void
}

/** Why an execution that has to wait does so. */
export interface SlotWait {
  readonly demand: Demand
  readonly limit: number
  /** Executions that hold it. */
  readonly heldBy: readonly string[]
  /** Executions that have their turn before. */
  readonly ahead: number
  /** Milliseconds since the epoch: of a pace, when it goes on. */
  readonly until: number | undefined
}
