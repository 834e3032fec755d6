import type { Context } from '@weconnect/contracts/envelope'
import type {
  CompensationStarted,
  ExecutionPaused,
  ExecutionRequested,
  ExecutionStarted,
  WaitOpened,
} from '@weconnect/contracts/events/execution'
import type { StepInput } from '@weconnect/contracts/events/types'
import type { JsonValue } from '@weconnect/contracts/json'

export type WaitFor = ExecutionPaused['data']['waitFor']
export type StepStatus = 'running' | 'completed' | 'failed' | 'retrying' | 'waiting' | 'incident'

export type OpenWait = Omit<WaitOpened['data'], 'step' | 'nodeId' | 'nodeName'>

/** A signal that came before a step waited for it. */
export interface EarlySignal {
  readonly name: string
  readonly revision: number
}

export interface Step {
  readonly step: number
  readonly nodeId: string
  readonly nodeName: string
  readonly nodeType: string
  readonly runIndex: number
  readonly attempt: number
  readonly status: StepStatus
  readonly inputs: readonly StepInput[]
  readonly outputCounts: readonly number[]
  readonly startedAt: string
  readonly durationMs?: number | undefined
  readonly cacheHit: boolean
  /** Number of the step that this one undoes. */
  readonly compensates?: number | undefined
  readonly dueAt?: string | undefined
  /** While it waits: for what. */
  readonly waitFor?: WaitFor | undefined
  /** What it waits for, when a signal or an approval. */
  readonly wait?: OpenWait | undefined
  /** Revision of the event that ended its wait from outside: where what came with it can be read. */
  readonly resumedRevision?: number | undefined
  /** Part of the keys of its effects: rises only when a person asks for them again. */
  readonly effectEpoch: number
  /** While it is an incident: how often in a row engines died while it was under way; absent = its effect is in doubt. */
  readonly crashes?: number | undefined
  /** Revision of the event that holds the outcome: where its items can be read. */
  readonly outcomeRevision?: number | undefined
}

export type Status = 'absent' | 'pending' | 'running' | 'waiting' | 'paused' | 'incident' | 'completed' | 'failed' | 'cancelled' | 'timeout'

/**
 * An execution folded from its stream. `steps` is one growing list that `evolve` writes in place, so that folding n events costs n and not n²;
 * everything else is replaced. Items are not held: a step names the event that has them.
 */
export interface Execution {
  readonly status: Status
  readonly requested?: ExecutionRequested['data']
  readonly started?: ExecutionStarted['data']
  readonly context?: Context
  readonly requestedAt?: string
  readonly startedAt?: string
  readonly finishedAt?: string
  readonly durationMs?: number
  readonly worker?: string
  readonly epoch: number
  /** Who is at it, as far as the log knows: the worker that began or claimed it, until it rests or is let go of. */
  readonly runBy?: string | undefined
  /** How often in a row it was claimed after a crash, with nothing of it done in between. */
  readonly crashes: number
  readonly steps: Step[]
  readonly cancellationRequested: boolean
  readonly pausedUntil?: string | undefined
  /** What it waits for, while it waits. */
  readonly pausedFor?: WaitFor | undefined
  /** ISO 8601: when its time limit strikes although it waits. */
  readonly deadline?: string | undefined
  /** While a person has paused it. */
  readonly pausedByHand?: { readonly since: string; readonly reason?: string | undefined } | undefined
  /** While a migration that is not decided holds it; `until`, ISO 8601, at most. */
  readonly migration?: { readonly id: string; readonly until: string } | undefined
  /** Not yet taken by a step, oldest first. */
  readonly signals: readonly EarlySignal[]
  /** Ids of signals that senders gave: each is taken once. */
  readonly signalIds: ReadonlySet<string>
  /** Since then its steps are undone, last first. */
  readonly compensation?: CompensationStarted['data'] | undefined
  /** Steps whose effect is in doubt until a person decides. */
  readonly incidents: number
  /** ISO 8601: since when a person has to act: an incident, or a pause by hand. */
  readonly heldSince?: string | undefined
  /** Milliseconds that people have held it: no time limit counts them. */
  readonly heldMs: number
  readonly error?: JsonValue
  readonly errorCode?: string
  readonly lastStep: number
}

export const initialExecution = (): Execution => ({
  status: 'absent',
  epoch: 0,
  crashes: 0,
  steps: [],
  cancellationRequested: false,
  lastStep: -1,
  incidents: 0,
  heldMs: 0,
  signals: [],
  signalIds: new Set(),
})

export const hasEnded = (status: Status): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled' || status === 'timeout'

/** What the events about an execution say beside its status, for readers that keep no more of it than that. */
export const heldBy = (state: Pick<Execution, 'incidents' | 'pausedByHand'>): { readonly held: 'incident' | 'paused' } | undefined => {
  if (state.incidents > 0) return { held: 'incident' }
  return state.pausedByHand && { held: 'paused' }
}

/** Its status when no person holds it. */
export const statusBelow = ({ started, pausedFor }: Execution): 'pending' | 'running' | 'waiting' =>
  started === undefined ? 'pending' : pausedFor === undefined ? 'running' : 'waiting'
