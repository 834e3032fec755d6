import { readdirSync, readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { Item, PairedItem } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import { type NodeRun, runNode } from '@weconnect/testing/node-harness'
import { sharedFolder } from '@weconnect/testing/requires'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunScope } from '../expressions/scope.ts'
import { openNodeRegistry } from '../registry.ts'
import { builtInNodes } from './all.ts'

/**
 * Runs single nodes on the inputs that n8n recorded and compares what comes out. What the engine adds (error routing, alwaysOutputData,
 * pairing of what a node left unpaired) is not looked at here, nor the group `engine`, whose records were changed after the fact.
 */

/** `case node run` that do not pass, because the record does not say what the node was given, or because the engine decides it. */
const pending = new Set<string>([
  // Which node of the chain lost the pairing is known to the engine's own scope.
  'handwritten_pairedItem.code.lostDifferentCount S 0',
  // n8n changed the items of its input after they were recorded.
  'CompareDatasets_test_node_workflow.compareDatasets Compare2 0',
  // In order v0 n8n ran the node on an input that it no longer has in the record.
  'Merge_test_node_workflow.mixed.forceInputNodeExecution Set1A 0',
])

/** Their result comes from outside the node, or from its earlier runs. */
const notAlone = new Set([
  ...['code', 'function', 'functionItem', 'wait', 'executeWorkflow', 'httpRequest', 'splitInBatches'],
  ...['readBinaryFile', 'readBinaryFiles', 'readWriteFile', 'writeBinaryFile'],
])

interface RecordedRun {
  readonly executionIndex: number
  readonly status: string
  readonly source?: readonly ({
    readonly previousNode: string
    readonly previousNodeOutput?: number
    readonly previousNodeRun?: number
  } | null)[]
  readonly error?: { readonly message: string }
  readonly outputs?: readonly (readonly Item[] | null)[]
}
interface CaseNode {
  readonly name: string
  readonly type: string
  readonly typeVersion?: number
  readonly parameters?: JsonObject
  readonly disabled?: boolean
  readonly alwaysOutputData?: boolean
  readonly executeOnce?: boolean
  readonly onError?: NodeRun['onError']
  readonly continueOnFail?: boolean
}
interface Case {
  readonly workflow: { readonly nodes: readonly CaseNode[]; readonly settings?: { readonly timezone?: string } }
  readonly run_with_pinData?: Readonly<Record<string, unknown>>
  readonly nondeterministic?: boolean
  readonly volatile_nodes?: readonly string[]
  readonly recorded?: { readonly nodes?: Readonly<Record<string, readonly RecordedRun[]>> }
}

const registry = openNodeRegistry(builtInNodes)

const pairsOf = (item: Item): readonly PairedItem[] => {
  const list = item.pairedItem === undefined ? [] : Array.isArray(item.pairedItem) ? item.pairedItem : [item.pairedItem]
  return list.map((pair: number | PairedItem) => (typeof pair === 'number' ? { item: pair } : pair))
}

/** The recorded run as expressions of one of its steps see it. */
const scopeOf = ({ recorded, workflow }: Case, current: RecordedRun): Partial<RunScope> => {
  const runsOf = (name: string) => (recorded!.nodes![name] ?? []).filter((run) => run.executionIndex < current.executionIndex)
  const follow = (run: RecordedRun, itemIndex: number, input: number, wanted: string): Item | undefined => {
    const source = run.source?.[input]
    const from = source && recorded!.nodes![source.previousNode]?.[source.previousNodeRun ?? 0]
    const item = from?.outputs?.[source?.previousNodeOutput ?? 0]?.[itemIndex]
    if (!item || !from) return undefined
    if (source.previousNode === wanted) return item
    for (const pair of pairsOf(item)) {
      const found = follow(from, pair.item, pair.input ?? 0, wanted)
      if (found) return found
    }
    return undefined
  }
  return {
    hasNode: (name) => workflow.nodes.some((node) => node.name === name),
    lastRunOf: (name) => runsOf(name).length - 1,
    outputOf: (name, output = 0, run) => runsOf(name).at(run ?? -1)?.outputs?.[output] ?? undefined,
    pairedItem: (name, itemIndex) => {
      const item = follow(current, itemIndex, 0, name)
      return item ? { item } : { problem: runsOf(name).length > 0 ? 'noPairing' : 'notExecuted' }
    },
    parametersOf: (name) => workflow.nodes.find((node) => node.name === name)?.parameters,
  }
}

const inputsOf = ({ recorded }: Case, run: RecordedRun): readonly (readonly Item[])[] =>
  (run.source ?? []).map((source) => {
    if (!source) return []
    return recorded!.nodes![source.previousNode]?.[source.previousNodeRun ?? 0]?.outputs?.[source.previousNodeOutput ?? 0] ?? []
  })

const plainPairs = (item: Item) => pairsOf(item).map(({ item: index, input = 0 }) => ({ item: index, input }))
const comparable = (outputs: RecordedRun['outputs'], paired: boolean) => {
  const lists = (outputs ?? []).map((items) =>
    (items ?? []).map((item) => ({ json: JSON.parse(JSON.stringify(item.json)), ...(paired ? { pairs: plainPairs(item) } : {}) })),
  )
  while (lists.length > 0 && lists.at(-1)!.length === 0) lists.pop()
  return lists
}

const isTrigger = (type: string) => registry.find(type, registry.versionsOf(type)[0] ?? 0)?.definition.isTrigger === true

const testable = (kase: Case, node: CaseNode): boolean =>
  registry.find(node.type, node.typeVersion ?? 1) !== undefined &&
  !notAlone.has(node.type.split('.').at(-1)!) &&
  !isTrigger(node.type) &&
  !node.disabled &&
  !node.executeOnce &&
  node.onError !== 'continueErrorOutput' &&
  !JSON.stringify(node.parameters ?? {}).includes('.context') &&
  kase.nondeterministic !== true &&
  !kase.volatile_nodes?.includes(node.name) &&
  !(kase.run_with_pinData && node.name in kase.run_with_pinData)

const outcome = async (kase: Case, node: CaseNode, run: RecordedRun, runIndex: number) => {
  const inputs = inputsOf(kase, run)
  const type = registry.find(node.type, node.typeVersion ?? 1)!
  const onError = node.onError ?? (node.continueOnFail ? 'continueRegularOutput' : 'stopWorkflow')
  const timezone = kase.workflow.settings?.timezone ?? 'America/New_York'
  try {
    const { outputs } = await runNode(type, {
      name: node.name,
      parameters: node.parameters ?? {},
      typeVersion: node.typeVersion ?? 1,
      inputs,
      onError,
      runIndex,
      timezone,
      run: scopeOf(kase, run),
    })
    return { outputs }
  } catch (error) {
    return { error: (error as Error).message.split(' [line')[0] }
  }
}

const wantedOf = (run: RecordedRun) => (run.error ? { error: run.error.message.split(' [line')[0] } : { outputs: run.outputs ?? [] })
type Outcome = { readonly error?: string | undefined; readonly outputs?: RecordedRun['outputs'] }
const shown = (result: Outcome, wanted: Outcome) => {
  const unpaired = (result.outputs ?? []).some((items) => items?.some((item) => item.pairedItem === undefined))
  const left = (outcome: Outcome) => (outcome.error === undefined ? comparable(outcome.outputs, !unpaired) : { error: outcome.error })
  return [left(result), left(wanted)] as const
}

describe.each(['core', 'semantics', 'recorded', 'core-engine-wf'])('recorded runs of %s', (group) => {
  const folder = sharedFolder(`conformance/dev/workflows/${group}`)
  const zone = process.env['TZ']
  beforeAll(() => {
    process.env['TZ'] = 'UTC'
  })
  afterAll(() => {
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  })
  if (!folder) {
    test.skip('cases are absent', () => {})
    return
  }
  for (const file of readdirSync(folder).sort()) {
    const kase = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as Case
    for (const node of kase.workflow.nodes.filter((candidate) => testable(kase, candidate)))
      for (const [runIndex, run] of (kase.recorded?.nodes?.[node.name] ?? []).entries()) {
        const emptyByEngine = node.alwaysOutputData && isDeepStrictEqual(comparable(run.outputs, false)[0], [{ json: {} }])
        const wentOn = run.error && (node.onError === 'continueRegularOutput' || node.continueOnFail)
        if (emptyByEngine || wentOn) continue
        const id = `${file.replace(/\.json$/, '')} ${node.name} ${runIndex}`
        test(id, async () => {
          const [actual, wanted] = shown(await outcome(kase, node, run, runIndex), wantedOf(run))
          if (pending.has(id)) expect(isDeepStrictEqual(actual, wanted), 'this one passes now: take it off the list').toBe(false)
          else expect(actual).toEqual(wanted)
        })
      }
  }
})
