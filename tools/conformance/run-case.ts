import { isDeepStrictEqual } from 'node:util'
import { credentialTypes } from '@weconnect/connectors/types/all'
import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { StepView } from '@weconnect/executions/view/face'
import { type CaseOutputs, isRecorded, type WorkflowCase, withFiles } from './case.ts'
import { type Compared, compareItems, compareOutputs, type Difference, upToLine } from './compare.ts'
import { withInlineFiles } from './inline-files.ts'
import type { World } from './world.ts'

/** What a run gave, as far as a case asks. */
interface Run {
  readonly status: string
  readonly error: string | undefined
  readonly steps: readonly StepView[]
  readonly unanswered: readonly string[]
}

export interface CaseResult {
  readonly differences: readonly Difference[]
  /** Where the pairing alone differs; only of groups whose whole run was recorded. */
  readonly pairing?: readonly Difference[]
}

const runLimitMs = 30_000

/** Imports and runs a case, and compares what came out with what is recorded of n8n. */
export const runCase = async (kase: WorkflowCase, world: World): Promise<CaseResult> => {
  const run = await runOnEngine(kase, world)
  const ending = endDifferences(kase, run)
  if (kase.nondeterministic) return { differences: ending }
  if (isRecorded(kase)) return compareRecorded(kase, run, ending)
  return { differences: [...ending, ...orderDifferences(kase.expected_order, run), ...(await expectedDifferences(kase, run, world))] }
}

const fileOf = ({ workflow, settings_override, run_with_pinData }: WorkflowCase): JsonObject => ({
  ...workflow,
  name: 'case',
  settings: { ...workflow.settings, ...settings_override },
  ...(run_with_pinData && { pinData: run_with_pinData }),
})

/** The file with its credentials made here and linked, as a person does after an import. */
const withCredentials = async (file: JsonObject, { credentials: given }: WorkflowCase, { fixture }: World): Promise<JsonObject> => {
  const ids = new Map<string, string>()
  for (const [type, data] of Object.entries(given ?? {})) {
    if (!credentialTypes.some(({ name }) => name === type)) continue
    const { credential } = await fixture.credentials.create({ name: 'of the case', type, data }, fixture.context)
    ids.set(type, credential.credentialId)
  }
  const linked = (node: JsonObject): JsonObject => {
    const references = Object.entries((node['credentials'] ?? {}) as JsonObject)
    const found = references.map(([type, reference]) => [type, ids.has(type) ? { id: ids.get(type) } : reference] as const)
    return found.length === 0 ? node : { ...node, credentials: Object.fromEntries(found) as JsonObject }
  }
  return { ...file, nodes: (file['nodes'] as readonly JsonObject[]).map(linked) }
}

const runOnEngine = async (kase: WorkflowCase, world: World): Promise<Run> => {
  const servers = world.serve(kase)
  const { workflows, engine, executions, context } = world.fixture
  const file = await withCredentials(fileOf(kase), kase, world)
  const [imported] = await workflows.importWorkflows(withFiles(file, kase, world.assets), context)
  const executionId = world.newId()
  const input: readonly Item[] = [kase.trigger?.input ?? { json: {} }]
  const { ended } = engine.execute({
    executionId,
    workflowId: imported!.workflowId,
    workflowVersion: 0,
    workflowRevision: imported!.revision,
    trigger: kase.trigger?.mode === 'webhook' ? 'webhook' : 'manual',
    triggerNode: kase.recorded?.start,
    input: [input],
    context,
  })
  await Promise.race([ended, world.after(runLimitMs)])
  const view = await executions.view(executionId, context.organisationId)
  const error = (view.error as { readonly message?: string } | undefined)?.message
  return { status: view.status, error, steps: view.steps, unanswered: servers.unanswered }
}

const endDifferences = (kase: WorkflowCase, { status, error, unanswered }: Run): readonly Difference[] => {
  const wanted = kase.expected_error ?? (isRecorded(kase) ? kase.recorded?.error?.message : undefined) ?? undefined
  const calls = unanswered.map((call) => ({ where: 'a request that nothing answers', expected: undefined, actual: call }))
  if (wanted === undefined) {
    const isWell = status === 'completed' || status === 'waiting'
    return isWell ? calls : [{ where: 'end', expected: 'completed', actual: error ?? status }, ...calls]
  }
  const isSame = status === 'failed' && error !== undefined && upToLine(error) === upToLine(wanted)
  return isSame ? calls : [{ where: 'end', expected: wanted, actual: error ?? status }, ...calls]
}

const orderDifferences = (order: readonly string[] | null | undefined, { steps }: Run): readonly Difference[] => {
  const actual = steps.map(({ nodeName }) => nodeName)
  return !order || isDeepStrictEqual(order, actual) ? [] : [{ where: 'order of the nodes', expected: order, actual }]
}

const runsOf = ({ steps }: Run, node: string): readonly StepView[] => steps.filter(({ nodeName }) => nodeName === node)

const expectedDifferences = async (
  kase: WorkflowCase,
  run: Run,
  { fixture: { engine, context } }: World,
): Promise<readonly Difference[]> => {
  const what = { pairs: kase.pairedItem_asserted === true, binary: kase.assert_binary === true }
  const found: Difference[] = []
  for (const [node, outputs] of Object.entries(kase.expected ?? {})) {
    const runs = runsOf(run, node)
    if (runs.length !== 1) found.push({ where: `runs of ${node}`, expected: 1, actual: runs.length })
    else {
      const items = await withInlineFiles((await runs[0]!.output())[0], (file) => engine.bytesOf(file, context.organisationId))
      found.push(...compareItems(node, outputs[0], items, what))
    }
  }
  return found
}

const compareRecorded = async (kase: WorkflowCase, run: Run, ending: readonly Difference[]): Promise<CaseResult> => ({
  differences: [
    ...ending,
    ...orderDifferences(kase.recorded?.execution_order, run),
    ...(await recordedDifferences(kase, run, { pairs: false, binary: false })),
  ],
  pairing: await recordedDifferences(kase, run, { pairs: true, binary: false }),
})

/** The recorded runs of every node, or the expected ones where there is no record of a node. */
const recordedDifferences = async (kase: WorkflowCase, run: Run, what: Compared): Promise<readonly Difference[]> => {
  const found: Difference[] = []
  for (const [node, wanted] of Object.entries(recordedOutputs(kase))) {
    if (kase.volatile_nodes?.includes(node)) continue
    const runs = runsOf(run, node)
    if (runs.length !== wanted.length) found.push({ where: `runs of ${node}`, expected: wanted.length, actual: runs.length })
    for (const [index, outputs] of wanted.entries()) {
      const step = runs[index]
      if (step) found.push(...compareOutputs(`${node} run ${index}`, outputs, await step.output(), what))
    }
  }
  return found
}

const recordedOutputs = ({ recorded, expected }: WorkflowCase): Readonly<Record<string, readonly CaseOutputs[]>> => ({
  ...Object.fromEntries(Object.entries(expected ?? {}).map(([node, outputs]) => [node, [outputs]])),
  ...Object.fromEntries(Object.entries(recorded?.nodes ?? {}).map(([node, runs]) => [node, runs.map(({ outputs }) => outputs ?? [])])),
})
