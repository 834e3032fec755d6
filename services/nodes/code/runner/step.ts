import type { HttpResponse } from '@weconnect/contracts/http'
import type { BinaryData, Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'

/** What goes into the isolate as one JSON text. */
export interface StepData {
  readonly mode: 'runOnceForAllItems' | 'runOnceForEachItem'
  readonly onItemError: 'stop' | 'keep'
  readonly items: readonly Item[]
  /** Recorded time of the step in milliseconds since the epoch. */
  readonly now: number
  readonly timezone: string
  /** Four 32-bit integers. */
  readonly seed: readonly number[]
  readonly runIndex: number
  readonly node: {
    readonly id: string
    readonly name: string
    readonly type: string
    readonly typeVersion: number
    readonly parameters: JsonObject
  }
  readonly previous?: { readonly name: string; readonly output: number; readonly runIndex: number }
  readonly workflow: { readonly id: string; readonly name: string; readonly active: boolean }
  readonly execution: {
    readonly id: string
    readonly mode: string
    readonly resumeUrl?: string
    readonly customData: Readonly<Record<string, string>>
  }
  readonly variables: Readonly<Record<string, JsonValue>>
  readonly staticData: { readonly global: JsonObject; readonly node: JsonObject }
  /** Answers that are likely to be asked for, by the JSON text of their query. */
  readonly answers: Readonly<Record<string, JsonValue>>
}

/** What the code may ask about other nodes while it runs. */
export type Query =
  | { readonly kind: 'node'; readonly node: string }
  | { readonly kind: 'output'; readonly node: string; readonly output: number; readonly run: number }
  | { readonly kind: 'paired'; readonly node: string }
  | { readonly kind: 'evaluate'; readonly text: string; readonly item: number }

/** What the code asks through `this.helpers`. */
export type HelperQuery =
  | { readonly kind: 'bytes'; readonly file: BinaryData }
  | { readonly kind: 'file'; readonly base64: string; readonly fileName?: string; readonly mimeType?: string }
  | { readonly kind: 'http'; readonly options: JsonObject }
export type HelperAnswer =
  | { readonly error: string }
  | { readonly base64: string }
  | { readonly file: BinaryData }
  | { readonly response: Pick<HttpResponse, 'status' | 'statusText' | 'headers' | 'body' | 'bodyEncoding'> }

export interface NodeAnswer {
  readonly exists: boolean
  /** -1 = has not run. */
  readonly lastRun: number
  readonly outputTowardsCurrent: number
  readonly parameters: JsonObject
  readonly context: JsonObject
}
/** One entry per item of input 0. */
export type PairedAnswer = readonly ({ readonly item: Item } | { readonly problem: string; readonly node?: string })[]

/** `value` is absent where the expression gives nothing. */
export interface EvaluatedAnswer {
  readonly value?: JsonValue
  readonly error?: string
}

export interface Failure {
  readonly message: string
  /** Line of the user's code, from 1. */
  readonly line?: number
  readonly item?: number
}

/** What comes out of the isolate as one JSON text. */
export interface Outcome {
  readonly value?: JsonValue
  readonly perItem?: readonly { readonly value?: JsonValue; readonly failure?: Failure }[]
  readonly failure?: Failure
  readonly logs: readonly { readonly level: string; readonly message: string }[]
  /** Keys that the code set. */
  readonly customData: Readonly<Record<string, string>>
  /** The areas of static data that the code changed. */
  readonly staticData: { readonly global?: JsonObject; readonly node?: JsonObject }
}
