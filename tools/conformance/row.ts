import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'

export interface RowNode {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly typeVersion: number
  readonly parameters: JsonObject
  readonly credentials?: JsonObject
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

/** One expression or one call of a function, with what must come of it. */
export interface Row {
  readonly id: string
  readonly kind: string
  /** What the row is called where it comes from. */
  readonly test?: string
  readonly expression: string
  /** Of the rows of functions, tagged. */
  readonly args?: readonly unknown[]
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

/** Kinds of rows, each a file of its own. */
export const rowKinds = [
  'expression',
  'expression-with-run',
  'executeFilter',
  'validateFieldType',
  'getNodeParameters',
  'displayParameter',
] as const
export type RowKind = (typeof rowKinds)[number]

/** Rows of `<folder>/expressions/<kind>.jsonl`; none when there is no such file. */
export const readRows = (folder: string, kind: RowKind): readonly Row[] => {
  const file = join(folder, 'expressions', `${kind}.jsonl`)
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row)
}

/** Workflows with a finished run, each read once. */
export const openFixtures = (folder: string): ((name: string) => Fixture) => {
  const known = new Map<string, Fixture>()
  return (name) => {
    const fixture = known.get(name) ?? (JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Fixture)
    known.set(name, fixture)
    return fixture
  }
}
