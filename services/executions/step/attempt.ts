import type { AllowedCalls } from '@weconnect/connectors/journalling-egress'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { StepStarted } from '@weconnect/contracts/events/execution'
import type { StepInput } from '@weconnect/contracts/events/types'
import type { Item } from '@weconnect/contracts/items'
import type { WorkflowNode } from '@weconnect/workflows/model'
import { undoes } from '../decider/compensation.ts'
import type { Ready } from '../graph/frontier.ts'
import { edgesInto } from '../graph/graph.ts'
import { claimFiles } from '../items/claim-files.ts'
import { applyEdges } from '../items/edge-rules.ts'
import { pairItems } from '../items/item-rules.ts'
import type { Inputs } from '../items/outputs.ts'
import type { PreparedNode } from '../parts.ts'
import type { RunFacts, StepNumbers } from '../scope/run-facts.ts'
import { scopeOf } from '../scope/step-scope.ts'
import type { AsOf } from '../stream/recorder.ts'
import { afterCrash } from './after-crash.ts'
import { completed, errorBody, type Identity, type IsLastTry, type StepOutcome, tryStep } from './run-step.ts'
import { StepContext } from './step-context.ts'

/** One try of a step, from its references to its outcome; before a node that reaches outside, its beginning is made durable. */
export const attemptStep = async (run: RunFacts, ready: Ready, numbers: StepNumbers, isLastTry: IsLastTry): Promise<StepOutcome> => {
  const { node, inputs: references } = ready
  const identity = identityOf(node, references, numbers)
  const prepared = prepare(run, node)
  if (!('node' in prepared)) return failedAtOnce(identity, prepared.error)
  if (run.watch?.isOn && !prepared.isExternal && !(await mayBegin(run, identity))) return { kind: 'held' }
  if (run.parts.givenEnd) {
    const end = await run.parts.givenEnd(numbers)
    if (end) return end
  }
  const { inputs, changed } = await inputsOf(run, prepared, ready, numbers)
  const skipped = shortcutOf(run, prepared, inputs, changed)
  if (skipped) {
    const outputs =
      skipped.reason === 'pinned' ? await claimFiles(skipped.outputs, run.organisationId, run.parts.binaries) : skipped.outputs
    return completed(identity, outputs, inputs, { durationMs: 0, skipped: skipped.reason })
  }
  const { executeOnce } = node.options
  const given = executeOnce ? inputs.map((items) => items.slice(0, 1)) : inputs
  const contextFor = (allow: AllowedCalls): StepContext => new StepContext(run, prepared, given, references, numbers, allow)
  let allow: AllowedCalls = 'all'
  if (prepared.isExternal) {
    const found = numbers.interrupted ? await afterCrash({ identity, prepared, inputs: given, contextFor }) : allow
    if (typeof found === 'object') return found
    allow = found
    if (!(await mayBegin(run, identity))) return { kind: 'held' }
    if (run.signal.aborted) return failedAtOnce(identity, new WeConnectError('EXECUTION_CANCELLED', 'The execution was stopped'))
  }
  const context = contextFor(allow)
  const { organisationId } = run
  return tryStep({ identity, prepared, inputs: given, mayRefer: !changed && !executeOnce, isLastTry, organisationId, context }, run.parts)
}

/**
 * Records that it begins. What a crash interrupted is ended before it is undone, also when somebody had paused what is cancelled now.
 * @returns false when a person has paused the execution meanwhile: then nothing is recorded
 */
const mayBegin = async ({ recorder }: RunFacts, identity: Identity): Promise<boolean> => {
  const event: StepStarted = { type: 'StepStarted', data: identity }
  let isHeld = false
  const asOf: AsOf = ({ pausedByHand, cancellationRequested }) => {
    const isEnded = cancellationRequested && identity.connectionType !== undoes
    isHeld = pausedByHand !== undefined && !isEnded
    return isHeld ? undefined : event
  }
  recorder.record(event, undefined, asOf)
  await recorder.flush()
  return !isHeld
}

const identityOf = (
  node: WorkflowNode,
  inputs: readonly StepInput[],
  { step, runIndex, attempt, startedAt, compensates }: StepNumbers,
): Identity => ({
  step,
  nodeId: node.nodeId,
  nodeName: node.name,
  nodeType: node.nodeType,
  runIndex,
  attempt,
  inputs,
  startedAt,
  ...(compensates !== undefined && { parentStep: compensates, connectionType: undoes }),
})

const prepare = ({ parts }: RunFacts, node: WorkflowNode): PreparedNode | { readonly error: unknown } => {
  try {
    return parts.prepare(node)
  } catch (error) {
    return { error }
  }
}

/** No try was made. */
const failedAtOnce = (identity: Identity, error: unknown): StepOutcome => {
  const { code, body } = errorBody(error)
  return {
    kind: 'failed',
    code,
    error: body,
    event: { type: 'StepFailed', data: { ...identity, durationMs: 0, code, error: body, final: true } },
  }
}

const inputsOf = async (
  run: RunFacts,
  prepared: PreparedNode,
  ready: Ready,
  numbers: StepNumbers,
): Promise<{ inputs: Inputs; changed: boolean }> => {
  const inputs = await run.memory.loadInputs(ready.inputs)
  if (!run.graph.hasEdgeRules) return { inputs, changed: false }
  const edges = edgesInto(run.graph, ready.node.nodeId)
  return applyEdges(
    inputs,
    ready.inputs,
    edges,
    (step) => run.memory.nodeNameOf(step),
    (items) => scopeOf(run, prepared, [items], ready.inputs, numbers),
  )
}

/** Why the executor is not called, and what comes out instead. */
const shortcutOf = (
  run: RunFacts,
  { node }: PreparedNode,
  inputs: Inputs,
  changed: boolean,
): { reason: string; outputs: Inputs } | undefined => {
  const pinned = pinnedItems(run, node)
  if (pinned) return { reason: 'pinned', outputs: [pairItems(pinned, inputs)] }
  if (changed && inputs[0]?.length === 0) return { reason: 'no item met the conditions of its connection', outputs: [] }
  if (node.options.disabled)
    return { reason: 'disabled', outputs: [(inputs[0] ?? []).map((item, index) => ({ ...item, pairedItem: { item: index } }))] }
  return undefined
}

/** Pinned items count when a person runs the draft, as in n8n; production ignores them. */
const pinnedItems = ({ graph, requested }: RunFacts, node: WorkflowNode): readonly Item[] | undefined => {
  const pins = graph.content.pinData as Record<string, readonly Item[]> | undefined
  if (!pins || requested.trigger !== 'manual' || !Object.hasOwn(pins, node.name)) return undefined
  return pins[node.name]?.map((item) => ({ ...item, json: item.json ?? item }))
}
