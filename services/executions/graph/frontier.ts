import type { ExecutionMigrated } from '@weconnect/contracts/events/execution'
import type { StepInput } from '@weconnect/contracts/events/types'
import type { WorkflowNode } from '@weconnect/workflows/model'
import { connectedInputs, type Edge, edgesFrom, edgesInto, type Graph } from './graph.ts'

export type ExecutionOrder = 'v0' | 'v1' | 'parallel'

/** A node that can run now, and where its items come from. */
export interface Ready {
  readonly node: WorkflowNode
  readonly inputs: readonly StepInput[]
}

/** A node with several inputs, of which some have not arrived. */
interface Waiting {
  readonly node: WorkflowNode
  /** By input: a reference, or `empty` when nothing came out there. */
  readonly arrived: Map<number, StepInput | 'empty'>
}

/** Where an execution stands in its graph: what a migration carries over to another one. */
export type Standpoint = Pick<ExecutionMigrated['data'], 'begun' | 'arrivals' | 'openSteps'>

/** `StepInput.output` of an input that is one empty item, which order v0 hands to a branch that nothing else would start. */
export const oneEmptyItem = -1

/**
 * What may run next: a function of the graph and of the steps so far, so that a live run, a recovery and a replay agree. It holds references,
 * never items. Three orders:
 * - `v1`: depth first; branches by y, then x. A node with several inputs waits for all of them; when nothing else can run it runs with what came.
 * - `v0`: breadth first, in the order of the connections. An input that nothing pending can feed is started by force with one empty item.
 * - `parallel`: as v1, but everything that is ready may run at the same time; the order of arrival is the order of the recorded events.
 */
export class Frontier {
  readonly #graph: Graph
  readonly #order: ExecutionOrder
  readonly #requiredInputs: (node: WorkflowNode) => number
  #ready: Ready[] = []
  #waiting: Waiting[] = []
  /** Nodes that have run, or are running. */
  readonly #begun = new Set<string>()
  #running = 0

  /** @param requiredInputs how many inputs must have items before a node may run without the others */
  constructor(graph: Graph, order: ExecutionOrder, start: Ready, requiredInputs: (node: WorkflowNode) => number) {
    this.#graph = graph
    this.#order = order
    this.#requiredInputs = requiredInputs
    this.#ready = [start]
  }

  /** The next node to run, left in place; undefined when nothing can run until a running step ends. */
  peek(): Ready | undefined {
    if (this.#ready.length === 0 && this.#running === 0) this.#releaseWaiting()
    return this.#ready[0]
  }

  /** A step of this node begins: live, the head; in a replay of recorded events, whichever entry began then. */
  begin(nodeId: string): Ready | undefined {
    this.peek()
    const index = this.#ready.findIndex((ready) => ready.node.nodeId === nodeId)
    if (index < 0) return undefined
    this.#running += 1
    this.#begun.add(nodeId)
    return index === 0 ? this.#ready.shift() : this.#ready.splice(index, 1)[0]
  }

  /** A step that began has ended; `outputCounts[i]` items came out of output i, -1 when it was not produced. */
  end(node: WorkflowNode, step: number, outputCounts: readonly number[]): void {
    this.#running -= 1
    if (this.#order === 'v0') this.#deliverBreadthFirst(node, step, outputCounts)
    else this.#deliverDepthFirst(node, step, outputCounts)
  }

  get standpoint(): Standpoint {
    const ready = this.#ready.map(({ node, inputs }) => ({ nodeId: node.nodeId, inputs, emptyInputs: [], complete: true }))
    const waiting = this.#waiting.map((entry) => {
      const emptyInputs = [...entry.arrived].flatMap(([input, what]) => (what === 'empty' ? [input] : []))
      return { nodeId: entry.node.nodeId, inputs: referencesOf(entry), emptyInputs, complete: false }
    })
    return { begun: [...this.#begun], arrivals: [...ready, ...waiting], openSteps: this.#running }
  }

  /** Goes on from where an execution stands instead of from the start. */
  standAt({ begun, arrivals, openSteps }: Standpoint): void {
    this.#ready = []
    this.#running = openSteps
    for (const nodeId of begun) this.#begun.add(nodeId)
    for (const { nodeId, inputs, emptyInputs, complete } of arrivals) {
      const node = this.#graph.byId.get(nodeId)
      if (!node) continue
      const arrived = new Map<number, StepInput | 'empty'>(inputs.map((input) => [input.input, input]))
      for (const input of emptyInputs) arrived.set(input, 'empty')
      if (complete) this.#ready.push({ node, inputs })
      else this.#waiting.push({ node, arrived })
    }
  }

  get isIdle(): boolean {
    return this.#running === 0 && this.peek() === undefined
  }

  #deliverDepthFirst(node: WorkflowNode, step: number, outputCounts: readonly number[]): void {
    const edges: Edge[] = []
    for (const [output, list] of edgesFrom(this.#graph, node.nodeId).entries()) if ((outputCounts[output] ?? -1) > 0) edges.push(...list)
    if (edges.length > 1) edges.sort(lastOnTop)
    for (const edge of edges) {
      const ready = this.#arrive(edge, { input: edge.input, step, output: edge.output })
      if (ready) this.#ready.unshift(ready)
    }
  }

  #deliverBreadthFirst(node: WorkflowNode, step: number, outputCounts: readonly number[]): void {
    for (const [output, list] of edgesFrom(this.#graph, node.nodeId).entries()) {
      for (const edge of list) {
        const empty = (outputCounts[output] ?? -1) <= 0
        if (empty && edge.input === 0) continue
        const ready = this.#arrive(edge, empty ? 'empty' : { input: edge.input, step, output })
        if (ready) this.#ready.push(ready)
        else this.#forceMissing(edge, step)
      }
    }
  }

  /** @returns the node with all its inputs, or undefined when some are missing */
  #arrive(edge: Edge, what: StepInput | 'empty'): Ready | undefined {
    const node = edge.target
    const inputs = connectedInputs(this.#graph, node.nodeId)
    if (inputs.length <= 1 && edgesInto(this.#graph, node.nodeId).length <= 1)
      return what === 'empty' ? undefined : { node, inputs: [what] }
    const entry = this.#waitingFor(node, edge.input)
    entry.arrived.set(edge.input, what)
    const complete = inputs.every((input) => entry.arrived.has(input)) && this.#isFed(node, entry)
    if (!complete) return undefined
    this.#waiting = this.#waiting.filter((waiting) => waiting !== entry)
    return { node, inputs: referencesOf(entry) }
  }

  #waitingFor(node: WorkflowNode, input: number): Waiting {
    const known = this.#waiting.find((waiting) => waiting.node === node && !waiting.arrived.has(input))
    if (known) return known
    const entry: Waiting = { node, arrived: new Map() }
    this.#waiting.push(entry)
    return entry
  }

  /** In n8n's orders an input without an edge counts as missing: v1 runs such a node when nothing else can run, v0 never does. */
  #isFed(node: WorkflowNode, entry: Waiting): boolean {
    if (this.#order === 'parallel') return true
    return edgesInto(this.#graph, node.nodeId).every((_, input) => entry.arrived.has(input))
  }

  /** Nothing else can run: of the nodes that still miss inputs, the first that no other one leads to runs with what it has. */
  #releaseWaiting(): void {
    if (this.#order === 'v0') return
    const candidates = this.#waiting.filter((entry) => entry.arrived.size >= Math.max(1, this.#requiredInputs(entry.node)))
    const first =
      candidates.find(
        (entry) => !candidates.some((other) => other !== entry && this.#graph.isAncestor(other.node.nodeId, entry.node.nodeId)),
      ) ?? candidates[0]
    if (!first) return
    this.#waiting = this.#waiting.filter((entry) => entry !== first)
    this.#ready.push({ node: first.node, inputs: referencesOf(first) })
  }

  #forceMissing(edge: Edge, step: number): void {
    for (const [input, edges] of edgesInto(this.#graph, edge.target.nodeId).entries()) {
      if (input === edge.input) continue
      for (const { source } of edges) {
        if (source === edge.source || this.#begun.has(source.nodeId) || this.#isPending(source.nodeId)) continue
        const start = this.#highestNotBegun(source)
        this.#ready.push({ node: start, inputs: [{ input: 0, step, output: oneEmptyItem }] })
      }
    }
  }

  #isPending(nodeId: string): boolean {
    return this.#ready.some(({ node }) => node.nodeId === nodeId || this.#graph.isAncestor(node.nodeId, nodeId))
  }

  #highestNotBegun(node: WorkflowNode): WorkflowNode {
    const seen = new Set<WorkflowNode>([node])
    for (let current = node; ; ) {
      const parents = edgesInto(this.#graph, current.nodeId)
        .flat()
        .map((edge) => edge.source)
        .filter((source) => !this.#begun.has(source.nodeId) && !seen.has(source))
      const next = parents[parents.length - 1]
      if (!next) return current
      seen.add(next)
      current = next
    }
  }
}

const referencesOf = (entry: Waiting): StepInput[] =>
  [...entry.arrived.values()].filter((input): input is StepInput => input !== 'empty').sort((a, b) => a.input - b.input)

/** Bottom-most, then right-most first: they are put on top of the stack one by one, so that the top-left one is run first. */
const lastOnTop = (a: Edge, b: Edge): number => b.target.position.y - a.target.position.y || b.target.position.x - a.target.position.x
