import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'

/** One input item, followed back to where it came from. `item` is an index into the items of that output. */
export interface ItemOrigin {
  readonly nodeName: string
  readonly runIndex: number
  readonly output: number
  readonly item: number
}

/** Why an item cannot be followed back; `node`: whose items do not say what they were made from. */
export type PairingProblem =
  | { readonly problem: 'notExecuted' | 'notConnected' | 'multiple' | 'outOfRange' }
  | { readonly problem: 'noPairing'; readonly node?: string }

/** One pattern over one text: from `from` on the first match, or `all` of them. */
export interface PatternQuery {
  readonly source: string
  readonly flags: string
  readonly text: string
  readonly from: number
  readonly all: boolean
}
/** null: a group that took no part. */
export interface PatternMatch {
  readonly index: number
  readonly words: readonly (string | null)[]
  readonly groups: Readonly<Record<string, string | null>> | null
}

/**
 * What an expression can see of the run. The execution engine implements it; everything is synchronous because an expression is.
 * Data that is not in memory is loaded and the expression evaluated again: the implementation throws, the evaluator lets it pass.
 */
export interface RunScope {
  /** Items of one output of the latest (or the given) run of a node; undefined when it has not run. */
  outputOf(nodeName: string, output?: number, runIndex?: number): readonly Item[] | undefined
  /** Index of the latest run of a node; -1 when it has not run. */
  lastRunOf(nodeName: string): number
  hasNode(nodeName: string): boolean
  /** Output of `nodeName` that leads to the current node; 0 when none does. */
  outputTowardsCurrent(nodeName: string): number
  /** Follows pairedItem from item `itemIndex` of input 0 of the current node back to `nodeName`. */
  pairedItem(nodeName: string, itemIndex: number): { readonly item: Item } | PairingProblem
  /** Parameters of another node as typed. */
  parametersOf(nodeName: string): JsonObject | undefined
  /** Number of runs, and context object of Loop Over Items: {noItemsLeft, currentRunIndex, maxRunIndex}. */
  contextOf(nodeName: string): JsonObject
  /** What is connected to the current node when it is an AI agent; see agent-info.ts. */
  agentInfo(): JsonObject | undefined
  /** Runs a pattern that may take long where that harms nobody; absent: it is run here over short texts, and refused over others. */
  readonly matches?: ((query: PatternQuery) => readonly PatternMatch[]) | undefined
}

/** Everything one evaluation sees. */
export interface Scope {
  readonly run: RunScope
  /** Items of input 0 of the current node. */
  readonly items: readonly Item[]
  readonly itemIndex: number
  readonly runIndex: number
  readonly node: {
    readonly id: string
    readonly name: string
    readonly type: string
    readonly typeVersion: number
    readonly parameters: JsonObject
  }
  /** Where input 0 comes from: $prevNode. */
  readonly previous?: { readonly name: string; readonly output: number; readonly runIndex: number }
  readonly workflow: { readonly id: string; readonly name: string; readonly active: boolean }
  readonly execution: {
    readonly id: string
    readonly mode: 'test' | 'production'
    readonly resumeUrl?: string
    readonly customData: Readonly<Record<string, string>>
  }
  readonly variables: Readonly<Record<string, JsonValue>>
  /** Names that only some parameters know, with their `$`: `$response`, `$request` and `$pageCount` of pagination. */
  readonly additional?: Readonly<Record<string, JsonValue>>
  /** Recorded time of the step: $now, $today and new Date(). ISO 8601 UTC. */
  readonly now: string
  readonly timezone: string
  /** Uniform in [0, 1), from the recorded seed and the step. */
  random(): number
}
