import type { Envelope } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { StepInput } from '@weconnect/contracts/events/types'
import type { Item, ItemSource, Outputs } from '@weconnect/contracts/items'
import type { Execution } from '../decider/state.ts'
import { oneEmptyItem } from '../graph/frontier.ts'
import { type Inputs, refersToInputs, unpackOutputs } from '../items/outputs.ts'

/** Thrown where items of an earlier step are needed at once but are not in memory: load them, then do it again. */
export class NotLoaded extends Error {
  readonly step: number
  constructor(step: number) {
    super(`The items of step ${step} are not in memory`)
    this.step = step
  }
}

export const isNotLoaded = (thrown: unknown): thrown is NotLoaded => thrown instanceof NotLoaded

const emptyItems: readonly Item[] = []
const oneItem: readonly Item[] = [{ json: {}, pairedItem: { item: 0 } }]

/** Steps whose items stay in memory beside the latest run of every node. */
const keptSteps = 64

/**
 * Items of the steps of one execution. Memory is bounded by the number of nodes, not of steps: older runs are read back from the stream
 * when someone asks.
 */
export class RunMemory {
  readonly #executionInput: Outputs
  readonly #outputs = new Map<number, Outputs>()
  readonly #runs = new Map<string, number[]>()
  readonly #nodeNames: string[] = []
  readonly #inputs: (readonly StepInput[])[] = []
  readonly #ended: boolean[] = []
  readonly #readOutcome: (step: number) => Promise<Envelope<ExecutionEvent> | undefined>
  readonly #state: () => Execution
  /** Next step whose outputs may be forgotten. */
  #oldest = 0

  constructor(
    executionInput: Outputs,
    state: () => Execution,
    readOutcome: (step: number) => Promise<Envelope<ExecutionEvent> | undefined>,
  ) {
    this.#executionInput = executionInput
    this.#state = state
    this.#readOutcome = readOutcome
  }

  begin(nodeName: string, step: number, inputs: readonly StepInput[]): void {
    this.#nodeNames[step] = nodeName
    this.#inputs[step] = inputs
    const runs = this.#runs.get(nodeName)
    if (runs) runs.push(step)
    else this.#runs.set(nodeName, [step])
  }

  /** The step has outputs, in memory or in the stream. */
  end(step: number): void {
    this.#ended[step] = true
  }

  /** The step of a run of a node that has outputs; the latest unless `runIndex` names one. */
  endedRun(nodeName: string, runIndex?: number): number | undefined {
    const runs = this.runsOf(nodeName)
    for (let index = runIndex ?? runs.length - 1; index >= 0; index -= 1) {
      const step = runs[index]
      if (step !== undefined && this.#ended[step]) return step
      if (runIndex !== undefined) return undefined
    }
    return undefined
  }

  /** Steps of a node, by run index. */
  runsOf(nodeName: string): readonly number[] {
    return this.#runs.get(nodeName) ?? []
  }

  nodeNameOf(step: number): string {
    return this.#nodeNames[step] ?? ''
  }

  inputsOf(step: number): readonly StepInput[] {
    return this.#inputs[step] ?? []
  }

  /** A reference in n8n's words; undefined for the input of the execution. */
  sourceOf({ step, output }: StepInput): ItemSource | undefined {
    if (step < 0) return undefined
    const previousNode = this.nodeNameOf(step)
    return { previousNode, previousNodeOutput: Math.max(0, output), previousNodeRun: this.runsOf(previousNode).indexOf(step) }
  }

  keep(step: number, outputs: Outputs): void {
    this.end(step)
    this.#outputs.set(step, outputs)
  }

  /** Forgets what can be read back from the stream: old runs whose outcome is durable. */
  forgetOld(newest: number): void {
    for (; this.#oldest < newest - keptSteps; this.#oldest += 1) {
      if (this.#state().steps[this.#oldest]?.outcomeRevision === undefined) return
      const runs = this.runsOf(this.nodeNameOf(this.#oldest))
      if (runs[runs.length - 1] !== this.#oldest) this.#outputs.delete(this.#oldest)
      else this.#deferred.add(this.#oldest)
    }
    for (const step of this.#deferred) {
      const runs = this.runsOf(this.nodeNameOf(step))
      if (runs[runs.length - 1] === step) continue
      this.#outputs.delete(step)
      this.#deferred.delete(step)
    }
  }
  /** Old steps that are still the latest run of their node. */
  readonly #deferred = new Set<number>()

  /** @throws NotLoaded */
  outputs(step: number): Outputs {
    const outputs = this.#outputs.get(step)
    if (!outputs) throw new NotLoaded(step)
    return outputs
  }

  /** Items behind a reference. @throws NotLoaded */
  itemsOf(input: StepInput): readonly Item[] {
    if (input.output === oneEmptyItem) return oneItem
    if (input.step < 0) return this.#executionInput[input.output] ?? emptyItems
    return this.outputs(input.step)[input.output] ?? emptyItems
  }

  async loadInputs(inputs: readonly StepInput[]): Promise<Inputs> {
    const items: (readonly Item[])[] = []
    for (const input of inputs) {
      if (input.step >= 0 && input.output !== oneEmptyItem) await this.load(input.step)
      while (items.length < input.input) items.push(emptyItems)
      items[input.input] = this.itemsOf(input)
    }
    return items
  }

  /** Reads a step's items back, and first those they refer to: nothing more, or reading the end of a long loop would read all of it. */
  async load(step: number): Promise<Outputs> {
    const known = this.#outputs.get(step)
    if (known) return known
    const event = await this.#readOutcome(step)
    if (event?.type !== 'StepCompleted') throw new WeConnectError('PAYLOAD_UNREADABLE', `The items of step ${step} are not in the log`)
    const packed = event.data.outputs ?? event.data.passed
    const inputs = refersToInputs(packed) ? await this.loadInputs(event.data.inputs) : []
    const outputs = unpackOutputs(packed, event.data.outputCounts, inputs)
    this.#outputs.set(step, outputs)
    return outputs
  }
}
