import { WeConnectError } from '@weconnect/contracts/errors'
import type { Outputs } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeResponse } from '@weconnect/nodes/sdk/node'
import type { WorkflowNode } from '@weconnect/workflows/model'
import { type Failure, stepLimitReached, survivedBy } from '../decider/run-end.ts'
import type { Step } from '../decider/state.ts'
import { Frontier, type Ready } from '../graph/frontier.ts'
import type { RunFacts } from '../scope/run-facts.ts'
import { knownNode } from '../step/known-node.ts'
import type { StepOutcome } from '../step/run-step.ts'
import type { Move, Recovered, StepTraces } from '../stream/recorded.ts'
import { outcomeOf } from './outcome-of.ts'

/** The try that a step goes on with. */
export type FirstTry = Pick<Step, 'step' | 'runIndex' | 'attempt' | 'effectEpoch'>

/** How far a run has come: which step is the next, what the steps before it left, and how the last one ended. */
export class Progress {
  readonly #run: RunFacts
  readonly #frontier: Frontier
  readonly #onAnswer: ((response: NodeResponse) => void) | undefined
  #nextStep = 0
  #lastStep = -1
  #failure: Failure | undefined
  /** The error of the last step, when its node went on after it. */
  #survived: Failure | undefined

  constructor(run: RunFacts, startNode: WorkflowNode, onAnswer: ((response: NodeResponse) => void) | undefined) {
    const { graph, parts, requested, started } = run
    const input = requested.input as unknown as Outputs
    const start: Ready = { node: startNode, inputs: input.map((_, output) => ({ input: output, step: -1, output })) }
    this.#run = run
    this.#onAnswer = onAnswer
    this.#frontier = new Frontier(graph, started.executionOrder, start, (node) => knownNode(parts, node)?.requiredInputs ?? 1)
  }

  /** How many steps have begun. */
  get steps(): number {
    return this.#nextStep
  }
  /** -1 = none. */
  get lastStep(): number {
    return this.#lastStep
  }
  /** Of the step that no other may follow. */
  get failure(): Failure | undefined {
    return this.#failure
  }
  /** The error that the node of the last step went on after. */
  get survived(): Failure | undefined {
    return this.#survived
  }

  /** The node whose turn it is; undefined when nothing can run until a running step ends. */
  peek(): Ready | undefined {
    return this.#frontier.peek()
  }

  /** @returns undefined when the execution has had all its steps, which is a failure */
  begin({ node, inputs }: Ready): FirstTry | undefined {
    const { memory, started } = this.#run
    this.#frontier.begin(node.nodeId)
    const step = this.#nextStep
    if (step >= started.maxSteps) {
      this.#failure = stepLimitReached(step, node, started.maxSteps)
      return undefined
    }
    this.#nextStep += 1
    const runIndex = memory.runsOf(node.name).length
    memory.begin(node.name, step, inputs)
    return { step, runIndex, attempt: 1, effectEpoch: 0 }
  }

  completed(node: WorkflowNode, step: number, { event, outputs, context }: Extract<StepOutcome, { kind: 'completed' }>): void {
    const { recorder, memory } = this.#run
    const onAnswer = this.#onAnswer
    const { response } = context ?? {}
    recorder.record(event, response && onAnswer ? () => onAnswer(response) : undefined)
    this.keepTraces(event.data)
    memory.keep(step, outputs)
    this.#lastStep = step
    this.#survived = survivedBy(event.data)
    this.#frontier.end(node, step, event.data.outputCounts)
  }

  failed(failure: Failure): void {
    this.#failure = failure
  }

  /** What the user's code set stays, also when the try failed. */
  keepTraces(left: StepTraces): void {
    const run = this.#run
    run.staticData.apply(left)
    if (left.customData !== undefined) run.customData = { ...run.customData, ...(left.customData as Record<string, string>) }
    if (left.nodeContext !== undefined) run.contexts.set(left.nodeName, left.nodeContext as JsonObject)
  }

  /** Brings itself to where the recorded events stand. */
  async recall({ moves, migrated, traces }: Recovered): Promise<void> {
    for (const left of traces) this.keepTraces(left)
    const before = migrated?.moves ?? 0
    for (const move of moves.slice(0, before)) this.#remember(move)
    if (migrated) this.#frontier.standAt(migrated.standpoint)
    for (const move of moves.slice(before)) {
      this.#remember(move)
      if (move.kind === 'begin') this.#rebegin(move.step)
      else this.#frontier.end(this.nodeOf(move.step), move.step.step, move.step.outputCounts)
    }
    const last = this.#lastStep < 0 ? undefined : await outcomeOf(this.#run, this.#lastStep)
    this.#survived = last?.type === 'StepCompleted' ? survivedBy(last.data) : undefined
  }

  #remember({ kind, step: { step, nodeName, inputs } }: Move): void {
    if (kind === 'end') {
      this.#lastStep = step
      this.#run.memory.end(step)
      return
    }
    this.#run.memory.begin(nodeName, step, inputs)
    this.#nextStep = step + 1
  }

  #rebegin({ step, nodeId }: Step): void {
    if (this.#frontier.begin(nodeId)) return
    const message = `Step ${step} of execution ${this.#run.requested.executionId} does not follow from the steps before it`
    throw new WeConnectError('LOG_CORRUPT', message)
  }

  /** @throws WeConnectError LOG_CORRUPT */
  nodeOf({ step, nodeId }: Step): WorkflowNode {
    const node = this.#run.graph.byId.get(nodeId)
    if (!node) throw new WeConnectError('LOG_CORRUPT', `Step ${step} names a node that its workflow version does not have`)
    return node
  }
}
