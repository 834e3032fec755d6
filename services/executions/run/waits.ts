import type { IncidentRaised } from '@weconnect/contracts/events/execution'
import type { RetryPolicy } from '@weconnect/contracts/events/types'
import type { WorkflowNode } from '@weconnect/workflows/model'
import type { Execution, Step } from '../decider/state.ts'
import type { RunFacts } from '../scope/run-facts.ts'
import type { StepOutcome } from '../step/run-step.ts'
import { isDue, scheduleRetry } from '../waits/due.ts'
import { Pauses, pauseAsOf } from '../waits/pauses.ts'
import { type RestEnd, RestingBranches } from '../waits/resting-branches.ts'
import type { Halt } from './halt.ts'
import { keepOutcome } from './keep-outcome.ts'

/** Milliseconds: a longer wait is cut into pieces, so that a clock that jumps is noticed. */
const longestSleepMs = 3_600_000

/** Steps of a run that wait: inside of it while other branches go on, else outside, so that the run ends in a pause. */
export class Waits {
  readonly #run: RunFacts
  readonly #halt: Halt
  readonly #pauses = new Pauses()
  readonly #isParallel: boolean
  readonly resting = new RestingBranches()
  #held = false
  #hasPutAside = false

  constructor(run: RunFacts, halt: Halt, isParallel: boolean) {
    this.#run = run
    this.#halt = halt
    this.#isParallel = isParallel
  }

  /** Whether some step goes on later. */
  get any(): boolean {
    return this.#pauses.any
  }

  /** A person has paused the execution: nothing more begins. What was put aside for that is another run's to go on with. */
  get held(): boolean {
    return this.#held || this.#hasPutAside
  }

  /** Whether nothing may begin. In order `parallel` a branch that waits keeps no other back. */
  get keepAllBack(): boolean {
    return this.held || (this.#pauses.any && !this.#isParallel)
  }

  /** A step of this run is not begun, or not tried again, since a person has paused the execution. */
  putAside(): void {
    this.#hasPutAside = true
  }

  /** What others have said meanwhile, folded. */
  notice({ pausedByHand, steps }: Execution): void {
    this.#held = pausedByHand !== undefined
    if (this.resting.size > 0) for (const step of steps) if (step?.resumedRevision !== undefined) this.resting.wake(step.step)
  }

  /** An incident: other branches go on meanwhile. */
  async raise({ type, data }: IncidentRaised): Promise<void> {
    const { recorder } = this.#run
    if (recorder.state.cancellationRequested) return
    recorder.record({ type, data: { ...data, ...(this.#isParallel && { othersGoOn: true }) } })
    if (this.#isParallel) await keepOutcome(this.#run, this.#halt)
    this.#awaitPerson(data.step)
  }

  #awaitPerson(step: number): void {
    if (this.#isParallel) this.#pauses.add(step, undefined, 'incident')
    else this.#pauses.hold()
  }

  /** A step begins to wait. @returns the step when its wait is over; undefined when it is put down */
  async begin(
    { nodeId, name: nodeName }: WorkflowNode,
    step: number,
    { until, waitFor, details }: Extract<StepOutcome, { kind: 'paused' }>,
  ): Promise<Step | undefined> {
    const { recorder } = this.#run
    if (details || (this.#isParallel && waitFor === 'webhook')) {
      const data = { step, nodeId, nodeName, waitFor, ...details, ...(until !== undefined && { until }) }
      recorder.record({ type: 'WaitOpened', data })
      await keepOutcome(this.#run, this.#halt)
    }
    const isOver = recorder.state.steps[step]?.resumedRevision !== undefined
    if (!isOver && !(await this.#rest(step, until, waitFor))) return undefined
    return recorder.state.steps[step]
  }

  /** A step that an earlier run left open goes on. @returns false when it is put down again */
  async again(step: Step): Promise<boolean> {
    if (step.status !== 'incident') return (await isDue(this.#run, step)) || this.#rest(step.step, step.dueAt, step.waitFor ?? 'retry')
    this.#awaitPerson(step.step)
    return false
  }

  /** @returns false when the run does not wait for it: it is in the log when the step goes on */
  async retry(step: number, attempt: number, policy: RetryPolicy): Promise<boolean> {
    const { parts, signal } = this.#run
    const { waitMs, dueAt } = scheduleRetry(this.#run, policy, step, attempt)
    await keepOutcome(this.#run, this.#halt)
    if (this.#halt.reason) return false
    if (!this.#held && waitMs > parts.longestWaitMs) return this.#rest(step, dueAt, 'retry')
    if (!this.#held) await parts.timer.wait(waitMs, signal)
    if (this.#held) this.putAside()
    return !this.#held
  }

  /** The run ends while these wait. @param deadline ISO 8601: when the time limit of the execution strikes */
  record(deadline: string | undefined): void {
    for (const pause of this.#pauses.events(deadline)) this.#run.recorder.record(pause, undefined, pauseAsOf(pause))
  }

  /** @param until ISO 8601; undefined = until someone says so @returns false when the step is put down, to wait outside of the run */
  async #rest(step: number, until: string | undefined, waitFor: Parameters<Pauses['add']>[2]): Promise<boolean> {
    if ((await this.#restEnd(step, until)) !== 'putDown') return true
    this.#pauses.add(step, until, waitFor)
    return false
  }

  /** In n8n's orders, and when nothing else can run, no step waits inside of the run. */
  async #restEnd(step: number, until: string | undefined): Promise<RestEnd> {
    if (!this.#isParallel) return 'putDown'
    // In a replay only waits that ended begin.
    if (this.#run.parts.wokenBy) return 'woken'
    const settled = new AbortController()
    const signal = AbortSignal.any([settled.signal, this.#run.signal])
    const end = await this.resting.rest(step, this.#until(until, signal))
    settled.abort()
    return this.#halt.reason ? 'putDown' : end
  }

  async #until(until: string | undefined, signal: AbortSignal): Promise<void> {
    const { clock, timer } = this.#run.parts
    const leftMs = (): number => (until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until) - clock.now())
    while (leftMs() > 0 && !signal.aborted) await timer.wait(Math.min(leftMs(), longestSleepMs), signal)
  }
}
