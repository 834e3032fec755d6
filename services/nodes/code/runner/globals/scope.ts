import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { EvaluatedAnswer, NodeAnswer, PairedAnswer, Query, StepData } from '../step.ts'

/**
 * The names that the user's code sees: $input, $json, $('Name'), $now ...
 * Sent into the isolate as source text: it must not use anything from outside itself.
 * @param ask answers a query with JSON text; blocks until the answer is there
 * @returns a function that makes an item the current one
 */
export const defineScope = (
  global: Record<string, unknown>,
  data: StepData,
  ask: (query: string) => string,
  changed: { readonly customData: Record<string, string>; readonly staticData: { global?: JsonObject; node?: JsonObject } },
): ((index: number) => void) => {
  const items = data.items.map((item, index): Item => ({ ...item, pairedItem: { item: index } }))
  const luxon = global['luxon'] as typeof import('luxon')
  const each = data.mode === 'runOnceForEachItem'
  let current = 0

  const answers = new Map<string, unknown>(Object.entries(data.answers))
  const find = <Answer>(query: Query): Answer => {
    const key = JSON.stringify(query)
    if (!answers.has(key)) answers.set(key, JSON.parse(ask(key)))
    return answers.get(key) as Answer
  }

  const notHere = (method: string): Error => new Error(`Can't use .${method}() here`)
  const input = {
    all: () => (each ? raise(notHere('all')) : items),
    first: () => (each ? raise(notHere('first')) : items[0]),
    last: () => (each ? raise(notHere('last')) : items[items.length - 1]),
    itemMatching: (index: number) => (each ? raise(notHere('itemMatching')) : items[index]),
    get item() {
      return items[current]
    },
    params: data.node.parameters,
    get context() {
      return data.previous === undefined ? {} : about(data.previous.name).context
    },
  }
  const raise = (error: Error): never => {
    throw error
  }

  const about = (name: string): NodeAnswer => {
    const answer = find<NodeAnswer>({ kind: 'node', node: name })
    return answer.exists ? answer : raise(new Error("Referenced node doesn't exist"))
  }
  const existing = (name: string): string => {
    about(name)
    return name
  }
  const outputOf = (name: string, output?: number, run?: number): readonly Item[] => {
    const node = about(name)
    if (node.lastRun < 0) raise(new Error(`Node '${name}' hasn't been executed`))
    // Code that collects all runs of a loop counts on this error to end.
    if (run !== undefined && run > node.lastRun) raise(new Error(`Run ${run} of node "${name}" not found`))
    const found = find<readonly Item[] | null>({
      kind: 'output',
      node: name,
      output: output ?? node.outputTowardsCurrent,
      run: run === undefined || run < 0 ? node.lastRun : run,
    })
    return found ?? []
  }
  const pairedWith = (name: string, index: number): Item => {
    if (about(name).lastRun < 0) raise(new Error(`Node '${name}' hasn't been executed`))
    const found = find<PairedAnswer>({ kind: 'paired', node: name })[index]
    if (found !== undefined && 'item' in found) return found.item
    if (found?.problem === 'multiple') throw new Error('Multiple matches found')
    const silent = found?.node ?? name
    throw new Error(`Paired item data for item from node '${silent}' is unavailable. Ensure '${silent}' is providing the required output.`)
  }
  const reference = (name: string) => ({
    all: (output?: number, run?: number) => outputOf(name, output, run),
    first: (output?: number, run?: number) => outputOf(name, output, run)[0],
    last: (output?: number, run?: number) => outputOf(name, output, run).at(-1),
    itemMatching: (index: number) => pairedWith(name, index),
    pairedItem: (index: number = current) => pairedWith(name, index),
    get item() {
      return pairedWith(name, current)
    },
    get params() {
      return about(name).parameters
    },
    get context() {
      return about(name).context
    },
    get isExecuted() {
      return about(name).lastRun >= 0
    },
  })
  const legacyReference = (name: string) => ({
    get json() {
      return (outputOf(name)[current] ?? outputOf(name)[0])?.json
    },
    get binary() {
      return (outputOf(name)[current] ?? outputOf(name)[0])?.binary
    },
    get parameter() {
      return about(name).parameters
    },
    get context() {
      return about(name).context
    },
    get runIndex() {
      return about(name).lastRun
    },
  })

  const evaluateExpression = (text: unknown, item: number = current): unknown => {
    const query: Query = { kind: 'evaluate', text: String(text), item: Number(item) }
    const { value, error } = JSON.parse(ask(JSON.stringify(query))) as EvaluatedAnswer
    return error === undefined ? value : raise(new Error(error))
  }

  const customData = {
    set(key: string, value: unknown) {
      changed.customData[key] = String(value)
    },
    setAll(values: Readonly<Record<string, unknown>>) {
      for (const key of Object.keys(values)) customData.set(key, values[key])
    },
    get: (key: string) => customData.getAll()[key],
    getAll: (): Record<string, string> => ({ ...data.execution.customData, ...changed.customData }),
  }
  const staticData = (area: 'global' | 'node'): JsonObject => {
    if (area !== 'global' && area !== 'node')
      throw new Error(`There is no static data of the kind "${String(area)}"; use "global" or "node"`)
    changed.staticData[area] ??= data.staticData[area]
    return changed.staticData[area]
  }
  const jmespath = (searched: unknown, query: unknown): unknown => {
    if (typeof searched !== 'object' || typeof query !== 'string')
      raise(new Error('expected two arguments (Object, string) for this function'))
    return (global['jmespath'] as { search(searched: unknown, query: unknown): unknown }).search(searched, query)
  }
  const noModules = (name: string): never => raise(new Error(`Module '${name}' is disallowed`))
  const noEnvironment = new Proxy({}, { get: () => raise(new Error('access to env vars denied')) })
  const { customData: _recorded, ...execution } = data.execution

  luxon.Settings.defaultZone = data.timezone
  Object.assign(global, {
    DateTime: luxon.DateTime,
    Duration: luxon.Duration,
    Interval: luxon.Interval,
    $input: input,
    $: (name: string) => reference(existing(name)),
    $node: new Proxy({}, { get: (_target, name) => (typeof name === 'string' ? legacyReference(existing(name)) : undefined) }),
    $items: (name?: string, output = 0, run?: number) => (name === undefined ? items : outputOf(name, output, run)),
    $workflow: data.workflow,
    $execution: { ...execution, customData },
    $executionId: data.execution.id,
    $prevNode: { name: data.previous?.name, outputIndex: data.previous?.output, runIndex: data.previous?.runIndex },
    $parameter: data.node.parameters,
    $nodeId: data.node.id,
    $nodeVersion: data.node.typeVersion,
    $runIndex: data.runIndex,
    $mode: data.execution.mode,
    $vars: data.variables as Record<string, JsonValue>,
    $env: noEnvironment,
    $evaluateExpression: evaluateExpression,
    $jmespath: jmespath,
    $jmesPath: jmespath,
    $getWorkflowStaticData: staticData,
    getWorkflowStaticData: staticData,
    require: noModules,
    ...(each ? {} : { items }),
  })
  // Made when first used: the first date with a zone costs an isolate milliseconds.
  const define = (name: string, get: () => unknown): void => void Object.defineProperty(global, name, { configurable: true, get })
  define('$now', () => luxon.DateTime.now())
  define('$today', () => luxon.DateTime.now().startOf('day'))

  return (index) => {
    current = index
    const item = items[index]
    Object.assign(global, { $itemIndex: index, $json: item?.json, $binary: item?.binary, ...(each ? { item } : {}) })
  }
}
