import type { StepInput } from '@weconnect/contracts/events/types'
import type { Item, PairedItem } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import { agentInfoOf } from '@weconnect/nodes/expressions/agent-info'
import type { RunScope } from '@weconnect/nodes/expressions/scope'
import { edgesFrom, type Graph } from '../graph/graph.ts'
import type { PatternMatches } from './pattern-matches.ts'
import type { RunMemory } from './run-memory.ts'

type Paired = ReturnType<RunScope['pairedItem']>

/** What the expressions of one step see of the run; see RunScope. */
export class StepScope implements RunScope {
  readonly #graph: Graph
  readonly #memory: RunMemory
  readonly #nodeId: string
  readonly #inputs: readonly StepInput[]
  readonly #contexts: ReadonlyMap<string, JsonObject>
  /** Only where the one who evaluates can wait. */
  readonly matches: RunScope['matches']

  constructor(options: {
    graph: Graph
    memory: RunMemory
    nodeId: string
    inputs: readonly StepInput[]
    contexts: ReadonlyMap<string, JsonObject>
    patterns?: PatternMatches | undefined
  }) {
    const { patterns } = options
    this.matches = patterns && ((query) => patterns.find(query))
    this.#graph = options.graph
    this.#memory = options.memory
    this.#nodeId = options.nodeId
    this.#inputs = options.inputs
    this.#contexts = options.contexts
  }

  outputOf(nodeName: string, output = 0, runIndex?: number): readonly Item[] | undefined {
    const step = this.#memory.endedRun(nodeName, runIndex)
    if (step === undefined) return undefined
    return this.#memory.outputs(step)[output] ?? []
  }

  lastRunOf(nodeName: string): number {
    const step = this.#memory.endedRun(nodeName)
    return step === undefined ? -1 : this.#memory.runsOf(nodeName).indexOf(step)
  }

  hasNode(nodeName: string): boolean {
    return this.#graph.byName.has(nodeName)
  }

  outputTowardsCurrent(nodeName: string): number {
    const source = this.#graph.byName.get(nodeName)
    if (!source) return 0
    const output = edgesFrom(this.#graph, source.nodeId).findIndex((edges) =>
      edges.some(({ target }) => target.nodeId === this.#nodeId || this.#graph.isAncestor(target.nodeId, this.#nodeId)),
    )
    return Math.max(0, output)
  }

  pairedItem(nodeName: string, itemIndex: number): Paired {
    if (this.#memory.endedRun(nodeName) === undefined) return { problem: 'notExecuted' }
    const target = this.#graph.byName.get(nodeName)
    if (target && !this.#graph.isAncestor(target.nodeId, this.#nodeId)) return { problem: 'notConnected' }
    const source = this.#inputs.find(({ input }) => input === 0) ?? this.#inputs[0]
    if (!source) return { problem: 'noPairing' }
    return this.#follow(source, itemIndex, nodeName)
  }

  parametersOf(nodeName: string): JsonObject | undefined {
    return this.#graph.byName.get(nodeName)?.parameters
  }

  contextOf(nodeName: string): JsonObject {
    return this.#contexts.get(nodeName) ?? {}
  }

  agentInfo(): JsonObject | undefined {
    const { byId, content } = this.#graph
    const nodes = content.nodes.map(({ name, nodeType, parameters, credentials }) => {
      return { name, type: nodeType, parameters, hasCredentials: Object.keys((credentials ?? {}) as object).length > 0 }
    })
    const connections = content.connections.map(({ sourceNodeId, targetNodeId, targetInput }) => {
      return { source: byId.get(sourceNodeId)?.name ?? '', target: byId.get(targetNodeId)?.name ?? '', type: targetInput }
    })
    return agentInfoOf({ nodes, connections }, byId.get(this.#nodeId)?.name ?? '')
  }

  #follow(source: StepInput, itemIndex: number, nodeName: string): Paired {
    const item = this.#memory.itemsOf(source)[itemIndex]
    if (!item) return { problem: 'outOfRange' }
    if (source.step < 0) return { problem: 'noPairing' }
    if (this.#memory.nodeNameOf(source.step) === nodeName) return { item }
    const pairs = this.#pairsOf(item, itemIndex, source.step)
    if (pairs.length === 0) return { problem: 'noPairing', node: this.#memory.nodeNameOf(source.step) }
    return this.#followAll(pairs, source.step, nodeName)
  }

  /** Pinned items that say nothing are taken to be made of the items in their place. */
  #pairsOf(item: Item, itemIndex: number, step: number): readonly PairedItem[] {
    const isPinned = Object.hasOwn((this.#graph.content.pinData ?? {}) as JsonObject, this.#memory.nodeNameOf(step))
    return item.pairedItem === undefined && isPinned ? [{ item: itemIndex }] : pairsOf(item)
  }

  #sourceOf({ input = 0, sourceOverwrite }: PairedItem, step: number): StepInput | undefined {
    if (!sourceOverwrite) return this.#memory.inputsOf(step).find((reference) => reference.input === input)
    const { previousNode, previousNodeRun, previousNodeOutput } = sourceOverwrite
    const source = this.#memory.endedRun(previousNode, previousNodeRun)
    return source === undefined ? undefined : { input, step: source, output: previousNodeOutput }
  }

  #followAll(pairs: readonly PairedItem[], step: number, nodeName: string): Paired {
    let found: Item | undefined
    let problem: Paired = { problem: 'noPairing' }
    for (const pair of pairs) {
      const next = this.#sourceOf(pair, step)
      const result: Paired = next ? this.#follow(next, pair.item, nodeName) : problem
      if (!('item' in result)) problem = result
      else if (found && found !== result.item) return { problem: 'multiple' }
      else found = result.item
    }
    return found ? { item: found } : problem
  }
}

const pairsOf = (item: Item): readonly PairedItem[] => {
  if (item.pairedItem === undefined) return []
  const pairs = (Array.isArray(item.pairedItem) ? item.pairedItem : [item.pairedItem]) as readonly (number | PairedItem)[]
  return pairs.map((pair) => (typeof pair === 'number' ? { item: pair } : pair))
}
