import type { AllowedCalls } from '@weconnect/connectors/journalling-egress'
import type { Doubt } from '@weconnect/connectors/repeatable'
import type { Binaries } from '@weconnect/contracts/binaries'
import type { Envelope } from '@weconnect/contracts/envelope'
import type { CompensationStarted, ExecutionEvent, ExecutionRequested } from '@weconnect/contracts/events/execution'
import type { FileAnswer, FileRequest } from '@weconnect/contracts/files'
import type { Item, Outputs } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { MailAnswer, MailMessage } from '@weconnect/contracts/mail'
import type { MemoryAnswer, MemoryRequest } from '@weconnect/contracts/memory'
import type { AfterCrash } from '@weconnect/contracts/node'
import type { Journal } from '@weconnect/eventstore/journal'
import type { CodeHelpers, CodeTraces } from '@weconnect/nodes/code/runners'
import type { Scope } from '@weconnect/nodes/expressions/scope'
import type { PreparedParameters } from '@weconnect/nodes/parameters/prepare'
import type { CodeRequest, CodeResult, HttpRequest, HttpResponse, NodeType } from '@weconnect/nodes/sdk/node'
import type { WorkflowContent, WorkflowNode } from '@weconnect/workflows/model'
import type { Execution } from './decider/state.ts'
import type { StepOutcome } from './step/run-step.ts'

/** What a run needs of the journal: its own stream. */
export type StreamJournal = Pick<Journal, 'append' | 'read'>

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds that only grow, for durations. */
  monotonicMs(): number
}

/** Which try of which step, for a replay to find what was recorded of it. */
export interface StepTryNumbers {
  readonly step: number
  readonly attempt: number
}

export interface GivenTry extends StepTryNumbers {
  /** Number of the step that this one undoes. */
  readonly compensates?: number | undefined
}

export interface Timer {
  /** Resolves after `ms`, or at once when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  /** The same for a limit on something else: a replay strikes only the limits that struck. */
  limit(ms: number, signal: AbortSignal, of?: StepTryNumbers): Promise<void>
}

/** Who calls, for the keys of effects and the journal of replay. */
export interface CallSite {
  readonly executionId: string
  readonly organisationId: string
  readonly workflowId: string
  readonly nodeId: string
  readonly step: number
  readonly runIndex: number
  readonly attempt: number
  /** A try before it, or a part of it before a crash, may have made calls. */
  readonly isRepeated: boolean
  /** Rises only when a person asks for the effects of the step again. */
  readonly effectEpoch: number
  /** Which calls may be made: not all after a crash. */
  readonly allow: AllowedCalls
  /** What the node's own definition refers to, `{type: {id, name}}`: nothing else can be used. */
  readonly credentials?: JsonValue | undefined
}

/** Outbound calls of one step, recorded in order so that a replay can answer them. */
export interface Calls {
  request(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>
  file(request: FileRequest): Promise<FileAnswer>
  mail(type: string, message: MailMessage): Promise<MailAnswer>
  credential(type: string): Promise<JsonObject>
  remember(request: MemoryRequest, signal: AbortSignal): Promise<MemoryAnswer>
  /** Takes the secrets that were given out of a value. */
  redact(value: JsonValue): JsonValue
  /** What happened so far, for the event; undefined when there was no call. */
  journal(): JsonValue | undefined
  /** The call that was refused because it may have been made before. */
  doubt(): Doubt | undefined
}

/** Runs the user's code away from this process. */
export interface CodeRunner {
  run(
    request: CodeRequest & {
      /** Whose code it is. */
      readonly organisationId: string
      readonly scope: Scope
      readonly deadlineMs: number
      readonly signal: AbortSignal
      /** Brings the items of a step back to memory. */
      readonly load: (step: number) => Promise<unknown>
      /** Is given what the code logged and set, also when it failed. */
      readonly leaves: (traces: CodeTraces) => void
      readonly staticData: { readonly global: JsonObject; readonly node: JsonObject }
      readonly helpers: CodeHelpers
    },
  ): Promise<CodeResult>
}

/** Steps of an execution that may have called others. */
export interface CallingSteps {
  readonly executionId: string
  readonly organisationId: string
  readonly steps: readonly { readonly step: number; readonly effectEpoch: number }[]
}

/** Starts another execution and tells what came of it. */
export interface SubWorkflows {
  /** Asks for the end of the executions that these steps wait for. Durable when it resolves; done again, it changes nothing. */
  cancel(calling: CallingSteps): Promise<void>
  run(request: {
    readonly site: CallSite
    readonly workflowId: string
    readonly items: readonly Item[]
    readonly wait: boolean
    readonly call: number
    readonly correlationId: string
    readonly signal: AbortSignal
  }): Promise<Outputs>
}

/** An execution that is about to be recorded as failed. */
export interface FailedRun {
  readonly requested: ExecutionRequested['data']
  readonly content: WorkflowContent
  readonly organisationId: string
  readonly correlationId: string
  readonly error: JsonValue
  /** Step that failed; the next one when none did. */
  readonly step: number
  readonly lastNodeExecuted: string | undefined
  /** Makes what is recorded of it so far durable, so that it cannot succeed after all. */
  readonly durable: () => Promise<void>
}

/** Starts the error workflow of a failed execution, once, when it has one. */
export interface ErrorWorkflows {
  report(failed: FailedRun): Promise<void>
}

/** Times are milliseconds since the epoch. */
export interface ResultCache {
  get(key: string, now: number, of: StepTryNumbers): Outputs | undefined | Promise<Outputs | undefined>
  set(key: string, outputs: Outputs, expiresAt: number, now: number): void
}

/** A node of a workflow with everything that does not change from step to step. */
export interface PreparedNode {
  readonly node: WorkflowNode
  readonly type: NodeType
  readonly parameters: PreparedParameters
  readonly onError: 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput'
  /** Output that takes the errors when onError is continueErrorOutput: the one behind the node's own. */
  readonly errorOutput: number
  /** Inputs that must have items before it may run without the others. */
  readonly requiredInputs: number
  readonly isExternal: boolean
  /** What is done with a try that a crash interrupted: what the user says, else what the node type says. */
  readonly afterCrash: AfterCrash | 'probe'
}

/** What the engine runs on; the composition root gives it, a replay replaces some of it. */
export interface EngineParts {
  readonly journal: StreamJournal
  /** Of the log that the journal writes. */
  readonly logId: string
  readonly clock: Clock
  readonly timer: Timer
  readonly code: CodeRunner
  /** A new journal of calls for one try of a step. */
  readonly calls: (site: CallSite) => Calls
  readonly subWorkflows: SubWorkflows
  readonly errorWorkflows: ErrorWorkflows
  readonly cache: ResultCache
  /** Milliseconds of the longest wait in a run; a longer one gives the slot back. */
  readonly longestWaitMs: number
  /** What a replay gives a try in place of a run of its node: an end that came from outside, or that it never ended. */
  readonly givenEnd?: (of: GivenTry) => Promise<StepOutcome | undefined>
  /** What a replay begins to undo steps with, when all that was done before it is done. */
  readonly givenUndoing?: (state: Execution) => CompensationStarted['data'] | undefined
  /** The step that a compensation undid, when that is replayed. @param compensation its own step */
  readonly givenUndone?: (compensation: number) => number | undefined
  /** What ended the wait of a step, when that is replayed; undefined = its time. */
  readonly wokenBy?: (step: number) => Envelope<ExecutionEvent> | undefined
  /** Bytes of the files that items carry. */
  readonly binaries: Binaries
  /** ISO 8601 time at which a try of a step begins: $now of the step. @param undoes whether it is a compensation */
  readonly startedAt: (step: number, attempt: number, undoes?: boolean) => string
  readonly contentAt: (workflowId: string, revision: number) => Promise<WorkflowContent>
  /** @throws WeConnectError NODE_UNKNOWN */
  readonly prepare: (node: WorkflowNode) => PreparedNode
  /** $vars of an organisation. */
  readonly variables: () => Readonly<Record<string, JsonValue>>
  readonly defaultTimezone: string
  /** Address at which a call ends a wait of the execution. */
  readonly resumeUrl: (executionId: string) => string
  /** Names this engine in leases. */
  readonly worker: string
  /** Crashes of engines in a row that an execution was under way in, after which a person decides. */
  readonly maxCrashes: number
  readonly engineVersion: string
  /** 32 hexadecimal digits from a good source of chance. */
  readonly newSeed: () => string
}
