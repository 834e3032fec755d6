import type { Envelope } from '@weconnect/contracts/envelope'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionEvent, IncidentRaised } from '@weconnect/contracts/events/execution'
import type { RetryPolicy } from '@weconnect/contracts/events/types'
import type { Outputs } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeResponse } from '@weconnect/nodes/sdk/node'
import type { WorkflowNode } from '@weconnect/workflows/model'
import { attemptStep } from './attempt.ts'
import { compensationStarted, compensationsOf, endingAfter, failureBefore, hasCompensations, isCompensable } from './compensation.ts'
import { Frontier, type Ready } from './frontier.ts'
import { isoTime } from './iso-time.ts'
import { maxParallelOf } from './parallel-limit.ts'
import type { PreparedNode } from './parts.ts'
import { Pauses, pauseAsOf } from './pauses.ts'
import { seededRandom } from './random.ts'
import type { Recovered, StepTraces } from './recorded.ts'
import type { AsOf } from './recorder.ts'
import { type RestEnd, RestingBranches } from './resting-branches.ts'
import { mayTryAgain, retryPolicyOf, waitAfter } from './retry-policy.ts'
import { endingOf, type Failure, failureOf, type RunEnd, type Stop, stepLimitReached, survivedBy } from './run-end.ts'
import { type RunFacts, type RunOrigin, runFactsOf, type StepNumbers } from './run-facts.ts'
import { RunMemory } from './run-memory.ts'
import { runInOrder, runParallel, type Steps } from './run-order.ts'
import { completed, type IsLastTry, type StepOutcome } from './run-step.ts'
import { type Execution, heldBy, type Step } from './state.ts'
import { undoSteps } from './undoing.ts'
import { wokenOutputs } from './woken.ts'

/** Milliseconds until what could not be written for want of space is tried again. */
const fullDiskPauseMs = 500
/** Milliseconds: a longer wait is cut into pieces, so that a clock that jumps is noticed. */
const longestSleepMs = 3_600_000

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
  /** A person has paused it: nothing more begins. */
  #held = false
  readonly #resting = new RestingBranches()
  /** Steps that an earlier run had begun, to be gone on with in order `parallel`. */
  #begun: (() => Promise<void>)[] = []
  /** Steps under way that must not be cut off, since nobody would know what they did. */
  #delicate = 0
  /** Steps under way whose effect can be undone: a cancellation lets them end, and undoes it. */
  #undoable = 0
  #isShutDown = false
  /** A step could not be recorded: the run is tried again later. */
  #isAbandoned = false
  readonly #undoAbort = new AbortController()
  readonly #steps: Steps
  readonly #isParallel: boolean

  #stepsOf = (): Steps => ({
    next: () => (this.#isEnding || this.#failure || this.#isPaused ? undefined : this.#frontier.peek()),
    run: (ready) => this.#runNode(ready),
    isExternal: (node) => this.#known(node)?.isExternal ?? false,
    flushWhenFull: async () => {
      if (this.#options.recorder.isFull) await this.#flush()
    },
    aged: () => {
      const { agesInMs } = this.#options.recorder
      return agesInMs === undefined ? [] : [this.#options.parts.timer.wait(agesInMs, this.#abort.signal)]
    },
    resting: this.#resting,
    maxParallel: maxParallelOf(this.#options.graph),
    abandon: () => {
      this.#isAbandoned = true
      this.stop('shutdown')
    },
  })

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
    this.#isParallel = started.executionOrder === 'parallel'
    this.#steps = this.#stepsOf()
  }

  /** Ends the run at the next moment; a running step is aborted. */
  stop(reason: Stop): void {
    this.#stop ??= reason
    if (reason !== 'cancelled' || this.#undoable === 0) this.#abort.abort()
    if (reason !== 'shutdown') return
    this.#isShutDown = true
    this.#undoAbort.abort()
  }

  /** What others have said meanwhile, folded. */
  notice({ cancellationRequested, pausedByHand, steps }: Execution): void {
    if (cancellationRequested) this.stop('cancelled')
    this.#held = pausedByHand !== undefined
    if (this.#resting.size > 0) for (const step of steps) if (step?.resumedRevision !== undefined) this.#resting.wake(step.step)
  }

  /** Reads what others have said; a step that waits for it goes on. */
  async refresh(): Promise<void> {
    await this.#options.recorder.refresh()
  }

  /** In order `parallel` a branch that waits keeps no other back. */
  get #isPaused(): boolean {
    return this.#held || (this.#pauses.any && !this.#isParallel)
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
    if (this.#options.recorder.state.cancellationRequested) await this.#endInterrupted(open)
    const mayRest = (step: Step): boolean => this.#isParallel && step.status !== 'failed' && step.status !== 'incident'
    this.#begun = open.filter(mayRest).map((step) => () => this.#reopen(step))
    for (const step of open) if (!this.#isEnding && !mayRest(step)) await this.#reopen(step)
  }

  /** Cancelled: a step that a crash interrupted is ended first when it can be undone, so that it is known what there is to undo. */
  async #endInterrupted(open: readonly Step[]): Promise<void> {
    const { graph, recorder } = this.#options
    if (recorder.state.compensation) return
    for (const step of open) if (step.status === 'running' && isCompensable(graph, step.nodeId)) await this.#reopen(step)
    this.stop('cancelled')
  }

  /** Nothing of it is run any more but what undoes it. */
  get #isEnding(): boolean {
    return this.#stop !== undefined || this.#options.recorder.state.compensation !== undefined
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
      if (this.#isParallel) await runParallel(this.#steps, this.#isEnding ? [] : this.#begun)
      else await runInOrder(this.#steps)
      return await this.#finish()
    } catch (error) {
      if (isWeConnectError(error, 'LEASE_LOST') || (this.#isShutDown && !this.#isAbandoned)) return { kind: 'stopped' }
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
      if (outcome.kind === 'unended') return
      if (outcome.kind === 'paused') return this.#wait(ready, step, outcome)
      if (outcome.kind === 'incident') return this.#raise(outcome.event)
      this.#options.recorder.record(outcome.event)
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
    const undoable = isCompensable(this.#options.graph, ready.node.nodeId) ? 1 : 0
    this.#delicate += weight
    this.#undoable += undoable
    try {
      return await attemptStep(this.#run, ready, numbers, isLastTry)
    } finally {
      this.#delicate -= weight
      this.#undoable -= undoable
    }
  }

  /** An incident: other branches go on meanwhile. */
  async #raise({ type, data }: IncidentRaised): Promise<void> {
    if (this.#options.recorder.state.cancellationRequested) return
    this.#options.recorder.record({ type, data: { ...data, ...(this.#isParallel && { othersGoOn: true }) } })
    if (!this.#isParallel) return this.#pauses.hold()
    await this.#keepOutcome()
    this.#pauses.add(data.step, undefined, 'incident')
  }

  /** The step waits: outside of the run, unless other branches have something to do. */
  async #wait({ node }: Ready, step: number, { until, waitFor, details }: Extract<StepOutcome, { kind: 'paused' }>): Promise<void> {
    const { recorder } = this.#options
    if (details || (this.#isParallel && waitFor === 'webhook')) {
      const data = { step, nodeId: node.nodeId, nodeName: node.name, waitFor, ...details, ...(until !== undefined && { until }) }
      recorder.record({ type: 'WaitOpened', data })
      await this.#keepOutcome()
    }
    const isThere = (): boolean => recorder.state.steps[step]?.resumedRevision !== undefined
    if (!isThere() && (await this.#rest(step, until)) === 'putDown') return this.#pauses.add(step, until, waitFor)
    const began = recorder.state.steps[step]
    if (began) await this.#endWait(node, began)
  }

  /** In n8n's orders, and when nothing else can run, no step waits inside of the run. */
  async #rest(step: number, until: string | undefined): Promise<RestEnd> {
    if (!this.#isParallel) return 'putDown'
    // In a replay only waits that ended begin.
    if (this.#options.parts.wokenBy) return 'woken'
    const settled = new AbortController()
    const signal = AbortSignal.any([settled.signal, this.#abort.signal])
    const end = await this.#resting.rest(step, this.#until(until, signal))
    settled.abort()
    return this.#stop ? 'putDown' : end
  }

  async #until(until: string | undefined, signal: AbortSignal): Promise<void> {
    const { clock, timer } = this.#options.parts
    const leftMs = (): number => (until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until) - clock.now())
    while (leftMs() > 0 && !signal.aborted) await timer.wait(Math.min(leftMs(), longestSleepMs), signal)
  }

  /** @returns false when the run does not wait for it: it is in the log when the step goes on */
  async #waitForRetry(step: number, attempt: number, policy: RetryPolicy): Promise<boolean> {
    const { recorder, parts, started } = this.#options
    const waitMs = waitAfter(policy, attempt, seededRandom(started.seed, `retry/${step}/${attempt}`)())
    const dueAt = isoTime(parts.clock.now() + waitMs)
    recorder.record({ type: 'StepRetryScheduled', data: { step, attempt: attempt + 1, dueAt } })
    await this.#keepOutcome()
    if (this.#stop || this.#held) return false
    if (waitMs > parts.longestWaitMs) {
      if ((await this.#rest(step, dueAt)) !== 'putDown') return true
      this.#pauses.add(step, dueAt, 'retry')
      return false
    }
    await parts.timer.wait(waitMs, this.#abort.signal)
    return !this.#held
  }

  /** What was done outside is recorded, however long the disk is full: nobody would know it otherwise. */
  async #keepOutcome(): Promise<void> {
    const { timer } = this.#options.parts
    for (;;) {
      try {
        await this.#flush()
        return
      } catch (error) {
        if (!isWeConnectError(error, 'DISK_FULL') || this.#isShutDown || this.#stop === 'shutdown') throw error
        await timer.wait(fullDiskPauseMs, this.#undoAbort.signal)
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
    if (step.status === 'incident') return this.#isParallel ? this.#pauses.add(step.step, undefined, 'incident') : this.#pauses.hold()
    const waitFor = step.waitFor ?? 'retry'
    if (!(await this.#isDue(step)) && (await this.#rest(step.step, step.dueAt)) === 'putDown')
      return this.#pauses.add(step.step, step.dueAt, waitFor)
    const now = this.#options.recorder.state.steps[step.step] ?? step
    if (now.status === 'waiting' || now.resumedRevision !== undefined) {
      if (now.status === 'waiting') this.#resumed(step.step)
      return this.#endWait(node, now)
    }
    if (step.status === 'failed') {
      this.#failure = await this.#recordedFailure(step)
      return
    }
    if (this.#options.recorder.state.pausedFor !== undefined) this.#resumed(step.step)
    await this.#attempts(ready, step, step.status === 'running' ? step.startedAt : undefined)
  }

  #resumed(step: number): void {
    const asOf: AsOf = (state) => ({ type: 'ExecutionResumed', data: { step, ...heldBy(state) } })
    this.#options.recorder.record({ type: 'ExecutionResumed', data: { step } }, undefined, asOf)
  }

  /** The step is done, with what ended its wait. */
  async #endWait(node: WorkflowNode, step: Step): Promise<void> {
    const { parts } = this.#options
    const inputs = await this.#memory.loadInputs(step.inputs)
    const at = step.resumedRevision
    const by = parts.wokenBy ? parts.wokenBy(step.step) : at === undefined ? undefined : await this.#readAt(at)
    const { step: number, nodeId, nodeName, nodeType, runIndex, attempt, startedAt } = step
    const identity = { step: number, nodeId, nodeName, nodeType, runIndex, attempt, inputs: step.inputs, startedAt }
    const durationMs = Math.max(0, parts.clock.now() - Date.parse(startedAt))
    this.#completed(node, number, completed(identity, wokenOutputs(step, by, inputs), inputs, { durationMs }))
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

  async #flush(): Promise<void> {
    await this.#options.recorder.flush()
  }

  async #finish(): Promise<RunEnd> {
    const { recorder, parts, graph, requestedAtMs } = this.#options
    const ended = { steps: this.#nextStep, durationMs: Math.max(0, parts.clock.now() - requestedAtMs) }
    if (this.#stop === 'shutdown' || this.#isShutDown) throw new WeConnectError('LEASE_LOST', 'The engine is stopping')
    const failure = this.#failure ?? this.#lastError()
    const left = { stop: this.#stop, failure, paused: this.#pauses.any, held: this.#held, lastStep: this.#lastStep }
    const event = await this.#undone(endingOf(left, graph, ended), failure)
    if (event) {
      await this.#report(event, failure ?? (recorder.state.compensation && failureBefore(recorder.state.compensation)))
      recorder.record(event)
    } else if (!recorder.state.compensation)
      for (const pause of this.#pauses.events(this.#deadline)) recorder.record(pause, undefined, pauseAsOf(pause))
    await this.#flush()
    if (event?.type === 'ExecutionFailed') return { kind: 'failed', code: event.data.code, error: event.data.error }
    if (event?.type === 'ExecutionCompleted')
      return { kind: 'completed', outputs: this.#lastStep < 0 ? [] : await this.#memory.load(this.#lastStep) }
    return { kind: event?.type === 'ExecutionCancelled' ? 'cancelled' : event ? 'timeout' : 'paused' }
  }

  /**
   * Before it ends badly, the executions that its steps wait for are stopped, and what its steps did is undone.
   * @returns undefined while that is not done
   */
  async #undone(event: ExecutionEvent | undefined, failure: Failure | undefined): Promise<ExecutionEvent | undefined> {
    const { recorder, graph, parts, requested, organisationId, requestedAtMs } = this.#options
    if (recorder.state.compensation === undefined) {
      if (event === undefined || event.type === 'ExecutionCompleted') return event
      await this.#flush()
      const steps = recorder.state.steps.filter(({ status }) => status !== 'completed')
      if (this.#stop) await parts.subWorkflows.cancel({ executionId: requested.executionId, organisationId, steps })
      if (!hasCompensations(graph) || compensationsOf(recorder.state, graph).length === 0) return event
      recorder.record(compensationStarted(event, failure, recorder.state.steps.length))
    }
    const run = { ...this.#run, signal: this.#undoAbort.signal }
    const undone = await undoSteps({ run, isHeld: () => this.#held || this.#isShutDown, keep: () => this.#keepOutcome() })
    if (this.#isShutDown) throw new WeConnectError('LEASE_LOST', 'The engine is stopping')
    const { compensation, steps } = recorder.state
    const ended = { steps: steps.length, durationMs: Math.max(0, parts.clock.now() - requestedAtMs) }
    return undone === 'all' && compensation ? endingAfter(compensation, graph, ended) : undefined
  }

  /** ISO 8601: when the time limit strikes. */
  get #deadline(): string | undefined {
    const { started, requestedAtMs, recorder } = this.#options
    return started.timeoutMs === undefined ? undefined : isoTime(requestedAtMs + started.timeoutMs + recorder.state.heldMs)
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
    return this.#isParallel || this.#pauses.any ? undefined : this.#survived
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
