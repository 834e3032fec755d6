import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'

export interface RowNode {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly typeVersion: number
  readonly parameters: JsonObject
}
export interface RowWorkflow {
  readonly id?: string
  readonly name?: string
  readonly nodes: readonly RowNode[]
  readonly connections: Readonly<
    Record<string, Readonly<Record<string, readonly (readonly { readonly node: string; readonly type: string }[] | null)[]>>>
  >
  readonly pinData?: Readonly<Record<string, readonly JsonObject[]>>
}
export interface NodeRun {
  readonly source?: readonly ({
    readonly previousNode: string
    readonly previousNodeOutput?: number
    readonly previousNodeRun?: number
  } | null)[]
  readonly data?: { readonly main?: readonly (readonly Item[] | null)[] }
}
export type RunData = Readonly<Record<string, readonly NodeRun[]>>

export interface Row {
  readonly id: string
  readonly kind: string
  readonly expression: string
  readonly workflow?: RowWorkflow
  readonly runData?: RunData
  readonly fixture?: string
  readonly activeNode?: string
  readonly items?: readonly Item[]
  readonly itemIndex?: number
  readonly runIndex?: number
  readonly mode?: string
  readonly expected?: unknown
  readonly throws?: { readonly message: string }
  readonly version_dependent?: string
}
export interface Fixture {
  readonly workflow: RowWorkflow
  readonly run: { readonly data: { readonly resultData: { readonly runData: RunData } } }
}

const folder = fileURLToPath(new URL('../../../../../shared/conformance/', import.meta.url))

/** The conformance data lies beside the repository, and is not part of it. */
export const rowsArePresent = existsSync(folder)

export const readRows = (kind: string): readonly Row[] =>
  rowsArePresent
    ? readFileSync(`${folder}dev/expressions/${kind}.jsonl`, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Row)
    : []

export const readFixture = (name: string): Fixture => JSON.parse(readFileSync(`${folder}fixtures/${name}.json`, 'utf8')) as Fixture
