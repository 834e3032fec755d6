import type { Item } from '@weconnect/contracts/items'
import { type AgentSurroundings, agentInfoOf } from '@weconnect/nodes/expressions/agent-info'
import type { RunScope, Scope } from '@weconnect/nodes/expressions/scope'
import type { Fixture, NodeRun, Row, RowNode, RowWorkflow, RunData } from './row.ts'

interface World {
  readonly workflow: RowWorkflow
  readonly runData: RunData
  readonly active: RowNode
}

const latest = (world: World, name: string): NodeRun | undefined => world.runData[name]?.at(-1)

const pinned = (world: World, name: string): readonly Item[] | undefined =>
  world.workflow.pinData?.[name]?.map((json, item) => ({ json, pairedItem: { item } }))

const outputOf = (world: World, name: string, output: number, run?: number): readonly Item[] | undefined => {
  const pins = pinned(world, name)
  if (pins !== undefined) return pins
  const found = run === undefined ? latest(world, name) : world.runData[name]?.[run]
  return found === undefined ? undefined : (found.data?.main?.[output] ?? undefined)
}

/** Node and output that feed input 0 of a node: from its run, else from the connections. */
const feeding = (world: World, name: string): { readonly name: string; readonly output: number } | undefined => {
  const source = latest(world, name)?.source?.[0]
  if (source !== null && source !== undefined) return { name: source.previousNode, output: source.previousNodeOutput ?? 0 }
  for (const [from, types] of Object.entries(world.workflow.connections)) {
    const output = (types['main'] ?? []).findIndex((targets) => targets?.some((target) => target.node === name))
    if (output >= 0) return { name: from, output }
  }
  return undefined
}

const firstPaired = (item: Item): number | undefined => {
  const paired = Array.isArray(item.pairedItem) ? item.pairedItem[0] : item.pairedItem
  return typeof paired === 'object' ? paired.item : paired
}

const paired = (world: World, from: string, wanted: string, index: number): ReturnType<RunScope['pairedItem']> => {
  const source = feeding(world, from)
  if (source === undefined) return { problem: 'notConnected' }
  const item = outputOf(world, source.name, source.output)?.[index]
  if (item === undefined) return { problem: 'outOfRange' }
  if (source.name === wanted) return { item }
  const next = firstPaired(item)
  return next === undefined ? { problem: 'noPairing' } : paired(world, source.name, wanted, next)
}

const hasRun = (world: World, name: string): boolean => latest(world, name) !== undefined || pinned(world, name) !== undefined

const towards = (world: World, name: string): number => {
  const outputs = world.workflow.connections[name]?.['main'] ?? []
  return Math.max(
    0,
    outputs.findIndex((targets) => targets?.some((target) => target.node === world.active.name)),
  )
}

const surroundings = ({ workflow }: World): AgentSurroundings => ({
  nodes: workflow.nodes.map((node) => ({ ...node, hasCredentials: Object.keys(node.credentials ?? {}).length > 0 })),
  connections: Object.entries(workflow.connections).flatMap(([source, types]) =>
    Object.values(types).flatMap((outputs) =>
      outputs.flatMap((targets) => (targets ?? []).map(({ node, type }) => ({ source, target: node, type }))),
    ),
  ),
})

const runScope = (world: World): RunScope => ({
  outputOf: (name, output = 0, run) => outputOf(world, name, output, run),
  lastRunOf: (name) => (pinned(world, name) === undefined ? (world.runData[name]?.length ?? 0) - 1 : 0),
  hasNode: (name) => world.workflow.nodes.some((node) => node.name === name),
  outputTowardsCurrent: (name) => towards(world, name),
  pairedItem: (name, index) => (hasRun(world, name) ? paired(world, world.active.name, name, index) : { problem: 'notExecuted' }),
  parametersOf: (name) => world.workflow.nodes.find((node) => node.name === name)?.parameters,
  contextOf: () => ({}),
  agentInfo: () => agentInfoOf(surroundings(world), world.active.name),
})

const worldOf = (row: Row, fixtures: (name: string) => Fixture): World => {
  const fixture = row.fixture === undefined ? undefined : fixtures(row.fixture)
  const workflow = fixture?.workflow ?? row.workflow!
  const runData = fixture?.run.data.resultData.runData ?? row.runData ?? {}
  return { workflow, runData, active: workflow.nodes.find((node) => node.name === (row.activeNode ?? 'node'))! }
}

const itemsOf = (row: Row, world: World): readonly Item[] => {
  if (row.items !== undefined) return row.items
  const source = feeding(world, world.active.name)
  return source === undefined ? [] : (outputOf(world, source.name, source.output) ?? [])
}

/** What the expression of a row sees. */
export const scopeOfRow = (row: Row, fixtures: (name: string) => Fixture): Scope => {
  const world = worldOf(row, fixtures)
  const { id, name, type, typeVersion, parameters } = world.active
  const previous = feeding(world, name)
  return {
    run: runScope(world),
    items: itemsOf(row, world),
    itemIndex: Math.max(0, row.itemIndex ?? 0),
    runIndex: row.runIndex ?? 0,
    node: { id, name, type, typeVersion, parameters },
    ...(previous === undefined ? {} : { previous: { ...previous, runIndex: 0 } }),
    workflow: { id: world.workflow.id ?? '123', name: world.workflow.name || 'test workflow', active: false },
    execution: { id: '1', mode: row.mode === 'manual' ? 'test' : 'production', customData: {} },
    variables: {},
    now: '2024-02-08T15:45:18.848Z',
    timezone: 'America/New_York',
    random: () => 0.5,
  }
}
