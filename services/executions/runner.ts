import type { Envelope } from '@weconnect/contracts/envelope'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { RetryPolicy } from '@weconnect/contracts/events/types'
import type { Outputs } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeResponse } from '@weconnect/nodes/sdk/node'
import type { WorkflowNode } from '@weconnect/workflows/model'
import { attemptStep } from './attempt.ts'
import { Frontier, type Ready } from './frontier.ts'
import { isoTime } from './iso-time.ts'
import type { Inputs } from './outputs.ts'
import type { PreparedNode } from './parts.ts'
import { Pauses } from './pauses.ts'
import { seededRandom } from './random.ts'
import type { Recovered, StepTraces } from './recorded.ts'
import { mayTryAgain, retryPolicyOf, waitAfter } from './retry-policy.ts'
import { endingOf, type Failure, failureOf, type RunEnd, type Stop, stepLimitReached, survivedBy } from './run-end.ts'
import { type RunFacts, type RunOrigin, runFactsOf, type StepNumbers } from './run-facts.ts'
import { RunMemory } from './run-memory.ts'
import { runInOrder, runParallel, type Steps } from './run-order.ts'
import { completed, type IsLastTry, type StepOutcome } from './run-step.ts'
import type { Step } from './state.ts'

/** Milliseconds until what could not be written for want of space is tried again. */
const fullDiskPauseMs = 500

/** The try that a step goes on with. */
type FirstTry = Pick<Step, 'step' | 'runIndex' | 'attempt' | 'effectEpoch'>

export interface RunOptions extends RunOrigin {
  readonly startNode: WorkflowNode
  /** Milliseconds since the epoch when it was requested. */
  readonly requestedAtMs: number
  /** Called when the answer of a Respond to Webhook node is durable. */
  readonly onAnswer?: ((response: NodeResponse) => void) | undefined
}

/**
 * Runs one execution from where its stream stands to its end, or to a pause. Each step is an event; steps that reach outside are preceded and
 * followed by a durable append, the others share one.
 */
export class Runner {
  readonly #options: RunOptions
  readonly #frontier: Frontier
  readonly #run: RunFacts
  readonly #memory: RunMemory
  readonly #abort = new AbortController()
  #stop: Stop | undefined
  #nextStep = 0
  #lastStep = -1
  #failure: Failure | undefined
  /** The error of the last step, when its node went on after it. */
  #survived: Failure | undefined
  readonly #pauses = new Pauses()
  /** Steps under way that must not be cut off, since nobody would know what they did. */
  #delicate = 0
  readonly #steps: Steps = {
    next: () => (this.#stop || this.#failure || this.#pauses.any ? undefined : this.#frontier.peek()),
    run: (ready) => this.#runNode(ready),
    isExternal: (node) => this.#known(node)?.isExternal ?? false,
    flushWhenFull: async () => {
      if (this.#options.recorder.isFull) await this.#flush()
    },
    abandon: () => this.stop('shutdown'),
  }

  constructor(options: RunOptions) {
    const { graph, requested, recorder, started } = options
    this.#options = options
    this.#memory = new RunMemory(
      requested.input as unknown as Outputs,
      () => recorder.state,
      (step) => this.#readOutcome(step),
    )
    this.#run = runFactsOf(options, this.#memory, this.#abort.signal)
    const input = requested.input as unknown as Outputs
    const start: Ready = { node: options.startNode, inputs: input.map((_, output) => ({ input: output, step: -1, output })) }
    this.#frontier = new Frontier(graph, started.executionOrder, start, (node) => this.#known(node)?.requiredInputs ?? 1)
  }

  /** Ends the run at the next moment; a running step is aborted. */
  stop(reason: Stop): void {
    this.#stop ??= reason
    this.#abort.abort()
  }

  /** Begins nothing more. A step that must not be cut off may end first; everything else is aborted. @returns whether there is such a step */
  letGo(): boolean {
    if (this.#delicate === 0) this.stop('shutdown')
    else this.#stop ??= 'shutdown'
    return this.#delicate > 0
  }

  /** Brings frontier and memory to where the recorded events stand, and finishes what a crash or a pause left open. */
  async resume({ moves, open, traces }: Recovered): Promise<void> {
    for (const left of traces) this.#keepTraces(left)
    for (const move of moves) {
      if (move.kind === 'begin') this.#rebegin(move.step)
      else {
        this.#lastStep = move.step.step
        this.#memory.end(move.step.step)
        this.#frontier.end(this.#nodeOf(move.step), move.step.step, move.step.outputCounts)
      }
    }
    await this.#recallSurvived()
    for (const step of open) await this.#reopen(step)
  }

  async #recallSurvived(): Promise<void> {
    const last = this.#lastStep < 0 ? undefined : await this.#readOutcome(this.#lastStep)
    this.#survived = last?.type === 'StepCompleted' ? survivedBy(last.data) : undefined
  }

  #rebegin(step: Step): void {
    if (!this.#frontier.begin(step.nodeId)) {
      throw new WeConnectError(
        'LOG_CORRUPT',
        `Step ${step.step} of execution ${this.#options.requested.executionId} does not follow from the steps before it`,
      )
    }
    this.#memory.begin(step.nodeName, step.step, step.inputs)
    this.#nextStep = step.step + 1
  }

  #nodeOf(step: Step): WorkflowNode {
    const node = this.#options.graph.byId.get(step.nodeId)
    if (!node) throw new WeConnectError('LOG_CORRUPT', `Step ${step.step} names a node that its workflow version does not have`)
    return node
  }

  async run(): Promise<RunEnd> {
    try {
      const inOrder = this.#options.started.executionOrder === 'parallel' ? runParallel : runInOrder
      await inOrder(this.#steps)
      return await this.#finish()
    } catch (error) {
      if (isWeConnectError(error, 'LEASE_LOST') || this.#stop === 'shutdown') return { kind: 'stopped' }
      throw error
    }
  }

  /** Undefined for a node whose type is not known: its step fails when it comes to it. */
  #known(node: WorkflowNode): PreparedNode | undefined {
    try {
      return this.#options.parts.prepare(node)
    } catch {
      return undefined
    }
  }

  /** One step with all its tries. */
  async #runNode(ready: Ready): Promise<void> {
    const { node } = ready
    this.#frontier.begin(node.nodeId)
    const step = this.#nextStep
    const { maxSteps } = this.#options.started
    if (step >= maxSteps) {
      this.#failure = stepLimitReached(step, node, maxSteps)
      return
    }
    this.#nextStep += 1
    const runIndex = this.#memory.runsOf(node.name).length
    this.#memory.begin(node.name, step, ready.inputs)
    await this.#attempts(ready, { step, runIndex, attempt: 1, effectEpoch: 0 })
    this.#memory.forgetOld(step)
  }

  /** @param interruptedAt when the try began that a crash interrupted: it is the same try, so that its requests are the same */
  async #attempts(ready: Ready, from: FirstTry, interruptedAt?: string): Promise<void> {
    const { node } = ready
    const { step, runIndex, effectEpoch } = from
    const policy = retryPolicyOf(node.options)
    for (let attempt = from.attempt; ; attempt += 1) {
      const interrupted = interruptedAt !== undefined && attempt === from.attempt
      const startedAt = interrupted ? interruptedAt : this.#options.parts.startedAt(step, attempt)
      const numbers = { step, runIndex, attempt, startedAt, effectEpoch, interrupted }
      const outcome = await this.#attempt(ready, numbers, (code, status) => !mayTryAgain(policy, { attempt, code, status }))
      if (this.#abort.signal.aborted && this.#stop === 'shutdown') throw new WeConnectError('LEASE_LOST', 'The engine is stopping')
      if (outcome.kind === 'completed') {
        this.#completed(node, step, outcome)
        if (this.#known(node)?.isExternal) await this.#keepOutcome()
        return
      }
      if (outcome.kind === 'paused') return this.#pauses.add(step, outcome.until, outcome.waitFor)
      this.#options.recorder.record(outcome.event)
      if (outcome.kind === 'incident') return this.#pauses.hold()
      this.#keepTraces(outcome.event.data)
      if (outcome.event.data.final || (this.#stop && this.#stop !== 'shutdown')) {
        this.#failure = { step, nodeId: node.nodeId, nodeName: node.name, code: outcome.code, error: outcome.error }
        return
      }
      if (!(await this.#waitForRetry(step, attempt, policy))) return
    }
  }

  async #attempt(ready: Ready, numbers: StepNumbers, isLastTry: IsLastTry): Promise<StepOutcome> {
    const known = this.#known(ready.node)
    const weight = known?.isExternal && known.afterCrash !== 'repeat' ? 1 : 0
    this.#delicate += weight
    try {
      return await attemptStep(this.#run, ready, numbers, isLastTry)
    } finally {
      this.#delicate -= weight
    }
  }

  /** @returns false when the run does not wait for it: it is in the log when the step goes on */
  async #waitForRetry(step: number, attempt: number, policy: RetryPolicy): Promise<boolean> {
    const { recorder, parts, started } = this.#options
    const waitMs = waitAfter(policy, attempt, seededRandom(started.seed, `retry/${step}/${attempt}`)())
    const dueAt = isoTime(parts.clock.now() + waitMs)
    recorder.record({ type: 'StepRetryScheduled', data: { step, attempt: attempt + 1, dueAt } })
    await this.#keepOutcome()
    if (this.#stop) return false
    if (waitMs > parts.longestWaitMs) {
      this.#pauses.add(step, dueAt, 'retry')
      return false
    }
    await parts.timer.wait(waitMs, this.#abort.signal)
    return true
  }

  /** What was done outside is recorded, however long the disk is full: nobody would know it otherwise. */
  async #keepOutcome(): Promise<void> {
    const { timer } = this.#options.parts
    for (;;) {
      try {
        await this.#flush()
        return
      } catch (error) {
        if (!isWeConnectError(error, 'DISK_FULL') || this.#stop === 'shutdown') throw error
        await timer.wait(fullDiskPauseMs, this.#abort.signal)
      }
    }
  }

  #completed(node: WorkflowNode, step: number, outcome: Extract<StepOutcome, { kind: 'completed' }>): void {
    const { recorder, onAnswer } = this.#options
    const { response } = outcome.context ?? {}
    recorder.record(outcome.event, response && onAnswer ? () => onAnswer(response) : undefined)
    this.#keepTraces(outcome.event.data)
    this.#memory.keep(step, outcome.outputs)
    this.#lastStep = step
    this.#survived = survivedBy(outcome.event.data)
    this.#frontier.end(node, step, outcome.event.data.outputCounts)
  }

  /** What the user's code set stays, also when the try failed. */
  #keepTraces(left: StepTraces): void {
    this.#run.staticData.apply(left)
    if (left.customData !== undefined) this.#run.customData = { ...this.#run.customData, ...(left.customData as Record<string, string>) }
    if (left.nodeContext !== undefined) this.#run.contexts.set(left.nodeName, left.nodeContext as JsonObject)
  }

  async #reopen(step: Step): Promise<void> {
    const node = this.#nodeOf(step)
    const ready = { node, inputs: step.inputs }
    if (step.status === 'incident') return this.#pauses.hold()
    if (!(await this.#isDue(step))) return this.#pauses.add(step.step, step.dueAt, step.waitFor ?? 'retry')
    if (step.status === 'waiting' || step.resumedRevision !== undefined) {
      const inputs = await this.#memory.loadInputs(step.inputs)
      const outputs = await this.#resumedWith(step, inputs)
      if (step.status === 'waiting') this.#options.recorder.record({ type: 'ExecutionResumed', data: { step: step.step } })
      const { step: number, nodeId, nodeName, nodeType, runIndex, attempt, startedAt } = step
      const identity = { step: number, nodeId, nodeName, nodeType, runIndex, attempt, inputs: step.inputs, startedAt }
      this.#completed(
        node,
        number,
        completed(identity, outputs, inputs, { durationMs: Math.max(0, this.#options.parts.clock.now() - Date.parse(startedAt)) }),
      )
      return
    }
    if (step.status === 'failed') {
      this.#failure = await this.#recordedFailure(step)
      return
    }
    if (this.#options.recorder.state.status === 'waiting')
      this.#options.recorder.record({ type: 'ExecutionResumed', data: { step: step.step } })
    await this.#attempts(ready, step, step.status === 'running' ? step.startedAt : undefined)
  }

  /** Waits a little when it is almost due. What waits for a call without a limit is never due. */
  async #isDue({ dueAt, status }: Step): Promise<boolean> {
    const { parts } = this.#options
    const leftMs = dueAt === undefined ? (status === 'waiting' ? Number.POSITIVE_INFINITY : 0) : Date.parse(dueAt) - parts.clock.now()
    if (leftMs > parts.longestWaitMs) return false
    if (leftMs > 0) await parts.timer.wait(leftMs, this.#abort.signal)
    return true
  }

  async #recordedFailure({ step, nodeId, nodeName }: Step): Promise<Failure> {
    const outcome = (await this.#readOutcome(step)) as ExecutionEvent | undefined
    const { code, error } = outcome?.type === 'StepFailed' ? outcome.data : nodeFailed(nodeName)
    return { step, nodeId, nodeName, code, error }
  }

  /** What came with the call that ended a wait, or what went in when its time was up. */
  async #resumedWith({ resumedRevision }: Step, inputs: Inputs): Promise<Outputs> {
    const resumed = resumedRevision === undefined ? undefined : await this.#readAt(resumedRevision)
    if (resumed?.type === 'ExecutionResumed' && resumed.data.input !== undefined) return resumed.data.input as unknown as Outputs
    return [(inputs[0] ?? []).map((item, index) => ({ ...item, pairedItem: { item: index } }))]
  }

  async #flush(): Promise<void> {
    await this.#options.recorder.flush()
  }

  async #finish(): Promise<RunEnd> {
    const { recorder, parts, graph, requestedAtMs } = this.#options
    const ended = { steps: this.#nextStep, durationMs: Math.max(0, parts.clock.now() - requestedAtMs) }
    if (this.#stop === 'shutdown') throw new WeConnectError('LEASE_LOST', 'The engine is stopping')
    const failure = this.#failure ?? this.#lastError()
    const left = { stop: this.#stop, failure, paused: this.#pauses.any, lastStep: this.#lastStep }
    const event = endingOf(left, graph, ended)
    if (event) {
      await this.#report(event, failure)
      recorder.record(event)
    } else for (const pause of this.#pauses.events()) recorder.record(pause)
    await this.#flush()
    if (event?.type === 'ExecutionFailed') return { kind: 'failed', code: event.data.code, error: event.data.error }
    if (event?.type === 'ExecutionCompleted')
      return { kind: 'completed', outputs: this.#lastStep < 0 ? [] : await this.#memory.load(this.#lastStep) }
    return { kind: event?.type === 'ExecutionCancelled' ? 'cancelled' : event ? 'timeout' : 'paused' }
  }

  /** The error workflow is asked for before the failure is recorded, so that nobody needs to remember to do it. */
  async #report(event: ExecutionEvent, failure: Failure | undefined): Promise<void> {
    const { parts, requested, graph, organisationId, correlationId } = this.#options
    const failed = failureOf(event, failure, this.#nextStep)
    if (failed)
      await parts.errorWorkflows.report({
        ...failed,
        requested,
        content: graph.content,
        organisationId,
        correlationId,
        durable: () => this.#flush(),
      })
  }

  /** n8n's orders: nothing came after a node that went on after its error, so the error is how the run ended. */
  #lastError(): Failure | undefined {
    return this.#options.started.executionOrder === 'parallel' || this.#pauses.any ? undefined : this.#survived
  }

  async #readOutcome(step: number): Promise<Envelope<ExecutionEvent> | undefined> {
    const revision = this.#options.recorder.state.steps[step]?.outcomeRevision
    return revision === undefined ? undefined : this.#readAt(revision)
  }

  async #readAt(revision: number): Promise<Envelope<ExecutionEvent> | undefined> {
    const { parts, requested } = this.#options
    for await (const event of parts.journal.read(`execution-${requested.executionId}`, { from: revision, limit: 1 }))
      return event as Envelope<ExecutionEvent>
    return undefined
  }
}

const nodeFailed = (nodeName: string): Pick<Failure, 'code' | 'error'> => {
  const code = 'NODE_FAILED'
  return { code, error: { code, message: `The node "${nodeName}" failed` } }
}
