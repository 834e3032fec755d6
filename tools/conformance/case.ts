import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { HttpMock } from './http-mocks.ts'

export type CaseNode = JsonObject & { readonly name: string; readonly type: string }
/** Items per output. */
export type CaseOutputs = readonly (readonly Item[] | null)[]

export interface RecordedRun {
  readonly executionIndex: number
  readonly outputs?: CaseOutputs | null
  readonly error?: { readonly message: string }
}

/** A workflow with what it must give; the README beside the cases describes every member. */
export interface WorkflowCase {
  readonly name: string
  readonly group: string
  readonly workflow: JsonObject & { readonly nodes: readonly CaseNode[]; readonly settings?: JsonObject }
  readonly trigger?: { readonly mode?: string; readonly input?: Item }
  readonly settings_override?: JsonObject | null
  readonly run_with_pinData?: JsonObject | null
  readonly expected?: Readonly<Record<string, CaseOutputs>> | null
  readonly expected_order?: readonly string[] | null
  readonly expected_error?: string | null
  readonly assert_binary?: boolean
  readonly pairedItem_asserted?: boolean
  readonly nondeterministic?: boolean
  readonly volatile_nodes?: readonly string[]
  readonly http_mocks?: readonly HttpMock[]
  readonly credentials?: Readonly<Record<string, JsonObject>> | null
  /** Path in a parameter -> path below the folder of the conformance data. */
  readonly needs_files?: Readonly<Record<string, string>> | null
  readonly recorded?: {
    readonly start?: string
    readonly execution_order?: readonly string[]
    readonly error?: { readonly message: string }
    readonly nodes?: Readonly<Record<string, readonly RecordedRun[]>>
  }
}

/** Groups whose whole run was recorded: every output of every run counts, and the pairing is scored beside it. */
export const isRecorded = ({ group }: WorkflowCase): boolean => group === 'recorded' || group === 'semantics'

/** The cases of `<folder>/workflows`, by group, in the order of their names. */
export const readCases = (folder: string): readonly WorkflowCase[] =>
  foldersIn(join(folder, 'workflows')).flatMap((group) =>
    jsonFilesIn(join(folder, 'workflows', group)).map((file) => ({
      ...(JSON.parse(readFileSync(join(folder, 'workflows', group, file), 'utf8')) as WorkflowCase),
      group,
      name: file.replace(/\.json$/, ''),
    })),
  )

const foldersIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
    .sort()
const jsonFilesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()

/** Parameters with the paths of the machine in place of those of the case. */
export const withFiles = (value: JsonValue, { needs_files }: WorkflowCase, assets: string): JsonValue => {
  if (typeof value === 'string') return withFile(value, needs_files ?? {}, assets)
  if (Array.isArray(value)) return value.map((member) => withFiles(member, { needs_files } as WorkflowCase, assets))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withFiles(member ?? null, { needs_files } as WorkflowCase, assets)]),
  )
}

const withFile = (text: string, files: Readonly<Record<string, string>>, assets: string): string => {
  const mapped = Object.entries(files).find(([path]) => !path.startsWith('@ASSETS@/') && text.includes(path))
  const local = mapped ? text.replaceAll(mapped[0], join(assets, '..', mapped[1])) : text
  return local.replaceAll('@ASSETS@', assets)
}
