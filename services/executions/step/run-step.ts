import { createHash } from 'node:crypto'
import { isWeConnectError, publicError, WeConnectError } from '@weconnect/contracts/errors'
import type { IncidentRaised, StepCompleted, StepFailed } from '@weconnect/contracts/events/execution'
import type { Item, Outputs, PackedOutputs } from '@weconnect/contracts/items'
import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { WaitFor } from '../decider/state.ts'
import { claimFiles, hasLargeFiles } from '../items/claim-files.ts'
import { type ErrorHandling, finishOutputs, isFailed } from '../items/item-rules.ts'
import { countsOf, fitsInEvent, type Inputs, isPassedOn, packOutputs } from '../items/outputs.ts'
import { responseFields } from '../items/response.ts'
import type { EngineParts, PreparedNode } from '../parts.ts'
import { staticDataField } from '../scope/static-data.ts'
import { incidentOf } from './in-doubt.ts'
import { Pause, type WaitDetails } from './pause.ts'
import { timeoutOf } from './prepared-nodes.ts'
import type { StepContext } from './step-context.ts'

export type Identity = Pick<
  StepFailed['data'],
  'step' | 'nodeId' | 'nodeName' | 'nodeType' | 'runIndex' | 'attempt' | 'inputs' | 'startedAt' | 'parentStep' | 'connectionType'
>

export type StepOutcome =
  | { readonly kind: 'completed'; readonly event: StepCompleted; readonly outputs: Outputs; readonly context: StepContext | undefined }
  | { readonly kind: 'failed'; readonly code: string; readonly error: JsonValue; readonly event: StepFailed }
  | { readonly kind: 'paused'; readonly until: string | undefined; readonly waitFor: WaitFor; readonly details?: WaitDetails | undefined }
  | { readonly kind: 'incident'; readonly event: IncidentRaised }
  /** A person had paused the execution before it began. */
  | { readonly kind: 'held' }
  /** Only in a replay: the record has no end of it. */
  | { readonly kind: 'unended' }

/** Whether no further try follows a failure. @param status of the HTTP answer that was the failure */
export type IsLastTry = (code: string, status?: number) => boolean

/** One try of one step, from its items to the event that records it. Nothing is appended here. */
export interface StepTry {
  readonly identity: Identity
  readonly prepared: PreparedNode
  readonly inputs: Inputs
  /** False when the inputs were changed on the way in, so that no reference to them would be true. */
  readonly mayRefer: boolean
  readonly isLastTry: IsLastTry
  readonly organisationId: string
  readonly context: StepContext
}

export const completed = (
  identity: Identity,
  outputs: Outputs,
  inputs: Inputs,
  more: Partial<StepCompleted['data']> & { durationMs: number },
): { readonly kind: 'completed'; readonly event: StepCompleted; readonly outputs: Outputs; readonly context: undefined } => {
  const outputCounts = countsOf(outputs)
  const hasItems = outputCounts.some((count) => count > 0)
  const packed = hasItems ? packedField(packOutputs(outputs, inputs)) : {}
  return {
    kind: 'completed',
    event: { type: 'StepCompleted', data: { ...identity, ...more, outputCounts, ...packed } },
    outputs,
    context: undefined,
  }
}

const packedField = (packed: PackedOutputs): Pick<StepCompleted['data'], 'outputs' | 'passed'> =>
  isPassedOn(packed) && fitsInEvent(packed) ? { passed: packed as unknown as JsonValue } : { outputs: packed as unknown as JsonValue }

export const tryStep = async (attempt: StepTry, parts: EngineParts): Promise<StepOutcome> => {
  const { prepared, inputs } = attempt
  const began = parts.clock.monotonicMs()
  const duration = (): number => Math.round((parts.clock.monotonicMs() - began) * 1000) / 1000
  const lookup = cacheLookup(attempt, parts)
  const cached = lookup && (await lookup)
  if (cached?.hit) return completed(attempt.identity, cached.hit, [], { durationMs: duration(), cacheHit: true })
  try {
    const raw = await withDeadline(attempt, parts)
    const doubt = attempt.context.doubt()
    if (doubt) return incidentOf(attempt.identity, doubt)
    const outputs = await claimed(finishOutputs(raw, inputs, prepared, prepared.errorOutput), attempt, parts)
    const failure = failureIn(outputs)
    if (failure && !attempt.isLastTry(failure.code)) throw failure
    cached?.store(outputs)
    return finished(attempt, outputs, duration())
  } catch (error) {
    const doubt = attempt.context.doubt()
    if (doubt) return incidentOf(attempt.identity, doubt)
    if (error instanceof Pause) return { kind: 'paused', until: error.until, waitFor: error.waitFor, details: error.details }
    return failed(attempt, error, duration())
  }
}

/** Waits only when there is something to keep: most steps carry no file. */
const claimed = (outputs: Outputs, { organisationId }: StepTry, { binaries }: EngineParts): Outputs | Promise<Outputs> =>
  hasLargeFiles(outputs) ? claimFiles(outputs, organisationId, binaries) : outputs

/** A node that goes on after an error puts it in its items; while tries are left that is a failed try all the same. */
const failureIn = (outputs: Outputs): WeConnectError | undefined => {
  const failed = firstFailed(outputs)
  if (!failed) return undefined
  const { error } = failed.json
  const message = isJsonObject(error) ? error['message'] : error
  return new WeConnectError('NODE_FAILED', typeof message === 'string' ? message : 'An item failed')
}

const firstFailed = (outputs: Outputs): Item | undefined => {
  for (const items of outputs) {
    const failed = items?.find(isFailed)
    if (failed) return failed
  }
  return undefined
}

const finished = (attempt: StepTry, outputs: Outputs, durationMs: number, error?: JsonValue): StepOutcome => {
  const { context } = attempt
  const result = completed(attempt.identity, outputs, attempt.mayRefer ? attempt.inputs : [], {
    durationMs,
    ...left(attempt),
    ...(context.nodeContext && error === undefined && { nodeContext: context.nodeContext }),
    ...(context.response && responseFields(context.response, attempt.mayRefer ? attempt.inputs : [])),
    ...(error !== undefined && { error }),
  })
  return { ...result, context }
}

/** Journal and log lines, which a failed try leaves as well. */
const left = ({ context }: StepTry): Pick<StepFailed['data'], 'calls' | 'logs' | 'staticData' | 'customData'> => {
  const journal = context.journal()
  return {
    ...(journal !== undefined && { calls: journal }),
    ...(context.logs && { logs: context.redact(context.logs as unknown as JsonValue) }),
    ...staticDataField(context.staticData),
    ...(context.customData && { customData: context.customData }),
  }
}

const failed = (attempt: StepTry, error: unknown, durationMs: number): StepOutcome => {
  const { identity, prepared, isLastTry, context } = attempt
  const { code, body: told } = errorBody(error)
  const isLast = isLastTry(code, statusOf(error))
  const body = context.redact(told)
  const handling: ErrorHandling = prepared.onError
  if (isLast && handling !== 'stopWorkflow' && code !== 'EXECUTION_CANCELLED') {
    const passed = (attempt.inputs[0] ?? []).map((item, index) => ({ ...item, pairedItem: { item: index } }))
    return finished(attempt, finishOutputs([passed], attempt.inputs, prepared, prepared.errorOutput), durationMs, body)
  }
  const event: StepFailed = { type: 'StepFailed', data: { ...identity, durationMs, code, error: body, ...left(attempt), final: isLast } }
  return { kind: 'failed', code, error: body, event }
}

/** Of the HTTP answer that a node took for a failure. */
const statusOf = (error: unknown): number | undefined => {
  const answer = error instanceof Error && error.cause instanceof Error && 'response' in error.cause ? error.cause.response : undefined
  return typeof answer === 'object' && answer !== null && 'status' in answer && typeof answer.status === 'number'
    ? answer.status
    : undefined
}

/** What is kept of an error: what the user's own workflow said, never an internal message. */
export const errorBody = (error: unknown): { code: string; body: JsonValue } => {
  const { code, message, problems } = publicError(error)
  const place = problems[0]
  const description = isWeConnectError(error) && error.cause instanceof WeConnectError ? error.cause.message : undefined
  return {
    code,
    body: {
      code,
      message,
      ...(description !== undefined && description !== message && { description }),
      ...(place?.parameter !== undefined && { parameter: place.parameter }),
      ...(place?.item !== undefined && { itemIndex: place.item }),
    },
  }
}

/** A reason made once: making one costs a stack trace. */
const noLongerNeeded = new Error('The step ended in time')

const withDeadline = async ({ prepared, context, identity }: StepTry, parts: EngineParts): Promise<Outputs> => {
  if (!prepared.isExternal && !prepared.node.options.timeoutMs) return prepared.type.execute(context)
  const limitMs = timeoutOf(prepared)
  const settled = new AbortController()
  const stopped = context.signal
  const giveUp = context.limited()
  const late = parts.timer.limit(limitMs, AbortSignal.any([settled.signal, stopped]), identity).then((): never => {
    if (stopped.aborted) throw new WeConnectError('EXECUTION_CANCELLED', 'The execution was stopped')
    // What nobody waits for any more must not go on doing things.
    if (!settled.signal.aborted) giveUp()
    throw new WeConnectError('NODE_TIMEOUT', `The node took longer than its limit of ${limitMs} ms`)
  })
  late.catch(() => undefined)
  try {
    return await Promise.race([prepared.type.execute(context), late])
  } finally {
    settled.abort(noLongerNeeded)
  }
}

/** Nothing is waited for where no cache is on. */
const cacheLookup = (attempt: StepTry, parts: EngineParts): Promise<CacheLookup> | undefined => {
  const { cache } = attempt.prepared.node.options
  return cache?.enabled ? lookUp(attempt, parts, cache.ttlSeconds * 1000) : undefined
}

interface CacheLookup {
  readonly hit?: Outputs
  store(outputs: Outputs): void
}

const lookUp = async (attempt: StepTry, { cache, clock }: EngineParts, ttlMs: number): Promise<CacheLookup> => {
  const { node } = attempt.prepared
  const content = JSON.stringify([attempt.organisationId, node.nodeId, node.typeVersion, node.parameters, attempt.inputs])
  const key = createHash('sha256').update(content).digest('base64url')
  const hit = await cache.get(key, clock.now(), attempt.identity)
  const store = (outputs: Outputs): void => cache.set(key, outputs, clock.now() + ttlMs, clock.now())
  return { ...(hit && { hit }), store }
}
