import type { Files } from '@weconnect/contracts/files'
import type { Item, Outputs } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { compileExpression } from '@weconnect/nodes/expressions/expression'
import { noRun } from '@weconnect/nodes/expressions/no-run'
import type { RunScope, Scope } from '@weconnect/nodes/expressions/scope'
import { prepareParameters } from '@weconnect/nodes/parameters/prepare'
import type { CodeRequest, CodeResult, NodeContext, NodeResponse, NodeType } from '@weconnect/nodes/sdk/node'

export interface NodeRun {
  readonly parameters?: JsonObject
  /** Default: the newest version of the type. */
  readonly typeVersion?: number
  /** Items of input 0; default one empty item. */
  readonly items?: readonly Item[]
  /** Items per input, instead of `items`. */
  readonly inputs?: readonly (readonly Item[])[]
  readonly name?: string
  readonly onError?: NodeContext['node']['onError']
  readonly mode?: NodeContext['mode']
  readonly runIndex?: number
  /** What expressions see of the nodes before; default: nothing has run. */
  readonly run?: Partial<RunScope>
  readonly timezone?: string
  readonly now?: string
  readonly code?: (request: CodeRequest) => CodeResult | Promise<CodeResult>
  /** Decrypted data by credential type. */
  readonly credentials?: Readonly<Record<string, JsonObject>>
  readonly workflow?: NodeContext['runWorkflow']
  /** Told what the node keeps with the execution. */
  readonly customData?: (values: Readonly<Record<string, string>>) => void
  readonly http?: NodeContext['http']
  readonly files?: Files
  readonly mail?: NodeContext['mail']
  readonly remember?: NodeContext['remember']
  readonly matches?: NodeContext['matches']
  /** Told how long the node waits; it does not. */
  readonly waits?: (ms: number) => void
}
export interface NodeResult {
  readonly outputs: Outputs
  readonly responses: readonly NodeResponse[]
  /** ISO 8601, when the node put the execution down; `outputs` are those it goes on with. */
  readonly pausedUntil?: string
}

class Paused extends Error {
  readonly until: string
  readonly outputs: Outputs
  constructor(until: string, outputs: Outputs) {
    super(`paused until ${until}`)
    this.until = until
    this.outputs = outputs
  }
}

const absent = (what: string) => async (): Promise<never> => {
  throw new Error(`the harness was given no ${what}`)
}

const scopeOf = (type: NodeType, run: NodeRun, typeVersion: number, items: readonly Item[]): Scope & { itemIndex: number } => ({
  run: { ...noRun, ...run.run },
  items,
  itemIndex: 0,
  runIndex: run.runIndex ?? 0,
  node: { id: 'node', name: run.name ?? 'node', type: type.definition.name, typeVersion, parameters: run.parameters ?? {} },
  workflow: { id: 'workflow', name: 'Workflow', active: false },
  execution: { id: 'execution', mode: 'test', customData: {} },
  variables: {},
  now: run.now ?? '2026-01-02T03:04:05.000Z',
  timezone: run.timezone ?? 'America/New_York',
  random: () => 0.5,
})

type Parameters = Pick<NodeContext, 'parameter' | 'parameterOfEach' | 'rawParameter' | 'evaluate'>

/** Parameters as the engine reads them: prepared once, expressions evaluated for the item that is asked for. */
const parametersOf = (type: NodeType, run: NodeRun, scope: Scope & { itemIndex: number }): Parameters => {
  const prepared = prepareParameters(type, run.parameters ?? {}, scope.node.typeVersion, scope.node.name)
  const evaluate = (text: string, itemIndex: number): JsonValue | undefined => {
    scope.itemIndex = itemIndex
    return compileExpression(text).evaluate(scope)
  }
  return {
    parameter: async (name, itemIndex, fallback) => prepared.get(name, itemIndex, evaluate) ?? fallback,
    parameterOfEach: async (name, fallback, range = { from: 0, to: scope.items.length }) =>
      prepared.getEach(name, range, evaluate).map((value) => value ?? fallback),
    rawParameter: async (name) => prepared.raw(name),
    evaluate: async (text, itemIndex, additional) =>
      additional ? compileExpression(text).evaluate({ ...scope, itemIndex, additional }) : evaluate(text, itemIndex),
  }
}

const contextOf = (type: NodeType, run: NodeRun, responses: NodeResponse[]): NodeContext => {
  const inputs = run.inputs ?? [run.items ?? [{ json: {} }]]
  const typeVersion = run.typeVersion ?? type.definition.versions.at(-1)!
  const scope = scopeOf(type, run, typeVersion, inputs[0] ?? [])
  return {
    node: { ...scope.node, onError: run.onError ?? 'stopWorkflow' },
    workflow: scope.workflow,
    executionId: scope.execution.id,
    runIndex: scope.runIndex,
    mode: run.mode ?? 'manual',
    items: async (input = 0) => inputs[input] ?? [],
    inputCount: async () => inputs.length,
    inputOfRun: absent('earlier runs'),
    keptContext: async () => ({}),
    keepContext: async () => {},
    ...parametersOf(type, run, scope),
    matches: run.matches ?? absent('patterns that take long'),
    http: run.http ?? absent('HTTP'),
    file: async (request) => (run.files ? run.files.perform(request) : absent('files')()),
    mail: run.mail ?? absent('mail'),
    remember: run.remember ?? absent('memory'),
    wait: async (ms) => run.waits?.(ms),
    bytesOf: async ({ data }) => Buffer.from(data, 'base64'),
    credential: async (type) => run.credentials?.[type] ?? absent(`credential of type ${type}`)(),
    runCode: async (request) => (run.code ?? absentCode)(request),
    runWorkflow: run.workflow ?? absent('sub-workflow'),
    pauseUntil: async (until, outputs) => {
      throw new Paused(until, outputs)
    },
    pauseForCall: async (until, outputs) => {
      throw new Paused(until ?? 'a call', outputs)
    },
    pauseForSignal: async (name, until) => {
      throw new Paused(until ?? `signal ${name}`, [])
    },
    pauseForApproval: async (title, roles, until) => {
      throw new Paused(until ?? `${title}${roles ? ` by ${roles.join(', ')}` : ''}`, [])
    },
    respond: async (response) => {
      responses.push(response)
    },
    log: async () => {},
    setCustomData: async (values) => run.customData?.(values),
    now: async () => scope.now,
    timezone: async () => scope.timezone,
    random: async () => scope.random(),
    signal: new AbortController().signal,
  }
}

const absentCode = (): CodeResult => {
  throw new Error('the harness was given no code runner')
}

/** Runs one node type alone, with real parameters and real expressions, and gives back what it did. */
export const runNode = async (type: NodeType, run: NodeRun = {}): Promise<NodeResult> => {
  const responses: NodeResponse[] = []
  try {
    return { outputs: await type.execute(contextOf(type, run, responses)), responses }
  } catch (error) {
    if (!(error instanceof Paused)) throw error
    return { outputs: error.outputs, responses, pausedUntil: error.until }
  }
}

/** Items of plain data. */
export const itemsOf = (...data: readonly JsonObject[]): readonly Item[] => data.map((json) => ({ json }))
