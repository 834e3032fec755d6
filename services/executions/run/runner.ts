import { isWeConnectError } from '@weconnect/contracts/errors'
import type { Outputs } from '@weconnect/contracts/items'
import type { NodeResponse } from '@weconnect/nodes/sdk/node'
import type { WorkflowNode } from '@weconnect/workflows/model'
import type { RunEnd, Stop } from '../decider/run-end.ts'
import { type Execution, hasEnded } from '../decider/state.ts'
import type { Ready } from '../graph/frontier.ts'
import { maxParallelOf } from '../graph/parallel-limit.ts'
import { runInOrder, runParallel, type Steps } from '../graph/run-order.ts'
import { type RunOrigin, runFactsOf } from '../scope/run-facts.ts'
import { RunMemory } from '../scope/run-memory.ts'
import { knownNode } from '../step/known-node.ts'
import type { Recovered } from '../stream/recorded.ts'
import { finish } from './finish.ts'
import { Halt } from './halt.ts'
import { outcomeOf } from './outcome-of.ts'
import { Progress } from './progress.ts'
import { recover } from './reopen.ts'
import { runTries } from './tries.ts'
import { isEnding, type RunTimes, type RunUnderWay } from './under-way.ts'
import { Waits } from './waits.ts'

export interface RunOptions extends RunOrigin {
  readonly startNode: WorkflowNode
  readonly times: RunTimes
  /** Called when the answer of a Respond to Webhook node is durable. */
  readonly onAnswer?: ((response: NodeResponse) => void) | undefined
}

/**
 * Runs one execution from where its stream stands to its end, or to a pause. Each step is an event; steps that reach outside are preceded and
 * followed by a durable append, the others share one.
 */
export class Runner {
  readonly #run: RunUnderWay
  /** Steps that an earlier run had begun, to be gone on with in order `parallel`. */
  #begun: (() => Promise<void>)[] = []

  constructor(options: RunOptions) {
    const { requested, recorder, started, startNode, times, onAnswer } = options
    const halt = new Halt()
    const input = requested.input as unknown as Outputs
    const memory = new RunMemory(
      input,
      () => recorder.state,
      (step) => outcomeOf(options, step),
    )
    const facts = runFactsOf(options, memory, halt.signal)
    const isParallel = started.executionOrder === 'parallel'
    const waits = new Waits(facts, halt, isParallel)
    this.#run = { facts, halt, waits, isParallel, times, progress: new Progress(facts, startNode, onAnswer) }
  }

  /** Ends the run at the next moment; a running step is aborted. */
  stop(reason: Stop): void {
    this.#run.halt.stop(reason)
  }

  /** What others have said meanwhile, folded. */
  notice(state: Execution): void {
    if (state.cancellationRequested) this.stop('cancelled')
    this.#run.waits.notice(state)
  }

  /** Reads what others have said; a step that waits for it goes on. */
  async refresh(): Promise<void> {
    await this.#run.facts.recorder.refresh()
  }

  /** Begins nothing more. A step that must not be cut off may end first; everything else is aborted. @returns whether there is such a step */
  letGo(): boolean {
    return this.#run.halt.letGo()
  }

  /** When the engine closes in peace, and its run has ended: whoever goes on with it does not do so after a crash. */
  async release(): Promise<void> {
    const { recorder, parts } = this.#run.facts
    const { runBy, epoch, status } = recorder.state
    if (runBy !== parts.worker || hasEnded(status)) return
    recorder.record({ type: 'ExecutionReleased', data: { epoch } })
    await recorder.flush()
  }

  /** Brings it to where the recorded events stand, and finishes what a crash or a pause left open. */
  async resume(recovered: Recovered): Promise<void> {
    this.#begun = await recover(this.#run, recovered)
  }

  async run(): Promise<RunEnd> {
    const { halt, isParallel } = this.#run
    try {
      if (isParallel) await runParallel(stepsOf(this.#run), isEnding(this.#run) ? [] : this.#begun)
      else await runInOrder(stepsOf(this.#run))
      return await finish(this.#run)
    } catch (error) {
      if (isWeConnectError(error, 'LEASE_LOST') || (halt.isShutDown && !halt.isAbandoned)) return { kind: 'stopped' }
      throw error
    }
  }
}

const stepsOf = (run: RunUnderWay): Steps => {
  const { facts, halt, progress, waits } = run
  const { parts, recorder, graph } = facts
  const maxParallel = maxParallelOf(graph)
  return {
    next: () => (isEnding(run) || progress.failure || waits.keepAllBack ? undefined : progress.peek()),
    run: (ready) => runStep(run, ready),
    isExternal: (node) => knownNode(parts, node)?.isExternal ?? false,
    flushWhenFull: async () => {
      if (recorder.isFull) await recorder.flush()
    },
    aged: () => {
      const { agesInMs } = recorder
      return agesInMs === undefined ? [] : [parts.timer.wait(agesInMs, halt.signal)]
    },
    resting: waits.resting,
    maxParallel: () => (facts.watch?.isOn ? 1 : maxParallel),
    abandon: () => halt.abandon(),
  }
}

const runStep = async (run: RunUnderWay, ready: Ready): Promise<void> => {
  const first = run.progress.begin(ready)
  if (!first) return
  await runTries(run, ready, first)
  run.facts.memory.forgetOld(first.step)
}
