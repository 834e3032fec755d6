import type { Item, ItemSource, Outputs } from '@weconnect/contracts/items'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { asObject } from '../per-item.ts'
import { definition, firstDefinition, secondDefinition } from './definition.ts'

/**
 * Where a loop stands, small however many items it has: its items are those that run `firstRun` was given, and what came back are the
 * inputs of the runs since. The first four members are those that workflows read as `$node["Loop"].context`.
 */
interface Loop {
  readonly currentRunIndex: number
  readonly maxRunIndex: number
  readonly noItemsLeft: boolean
  readonly done: boolean
  readonly firstRun: number
  /** Items handed out so far. */
  readonly given: number
}

const begun = (firstRun: number, count: number, batchSize: number): Loop => ({
  currentRunIndex: -1,
  maxRunIndex: Math.ceil(count / batchSize),
  noItemsLeft: false,
  done: false,
  firstRun,
  given: 0,
})

const next = (loop: Loop, count: number, batchSize: number): Loop => ({
  ...loop,
  currentRunIndex: loop.currentRunIndex + 1,
  given: Math.min(count, loop.given + batchSize),
  noItemsLeft: loop.given + batchSize >= count,
  done: loop.given >= count,
})

const fromRun = ({ json, binary }: Item, item: number, source: ItemSource | undefined): Item => ({
  json,
  ...(binary && { binary }),
  pairedItem: { item, ...(source && { sourceOverwrite: source }) },
})

/** Everything that came back into the loop since it began, linked to where it came from. */
const returned = async (context: NodeContext, { firstRun }: Loop): Promise<readonly Item[]> => {
  const all: Item[] = []
  for (let run = firstRun + 1; run <= context.runIndex; run += 1) {
    const { items, source } = await context.inputOfRun(run)
    for (const [index, item] of items.entries()) all.push(fromRun(item, index, source))
  }
  return all
}

type Ports = (batch: readonly Item[], done: readonly Item[] | undefined) => Outputs

const execute =
  (ports: Ports, hasDone: boolean) =>
  async (context: NodeContext): Promise<Outputs> => {
    const batchSize = Math.max(1, Number(await context.parameter('batchSize', 0, 1)))
    const { reset } = asObject(await context.parameter('options', 0))
    const kept = (await context.keptContext()) as unknown as Partial<Loop>
    const before = kept.firstRun === undefined || reset === true ? undefined : (kept as Loop)
    const { items, source } = await context.inputOfRun(before?.firstRun ?? context.runIndex)
    const loop = next(before ?? begun(context.runIndex, items.length, batchSize), items.length, batchSize)
    await context.keepContext({ ...loop })
    if (loop.done) return ports([], hasDone ? await returned(context, loop) : undefined)
    const from = before?.given ?? 0
    return ports(
      items.slice(from, loop.given).map((item, index) => fromRun(item, from + index, before && source)),
      undefined,
    )
  }

/** Split In Batches, version 1: one output, nothing comes out when no items are left. */
export const splitInBatchesFirst: NodeType = {
  definition: firstDefinition,
  execute: execute((batch) => [batch.length > 0 ? batch : null], false),
  validate: () => [],
}

/** Version 2: what came back leaves by an output of its own. */
export const splitInBatchesSecond: NodeType = {
  definition: secondDefinition,
  execute: execute((batch, done) => [batch, done ?? []], true),
  validate: () => [],
}

/** Loop Over Items. */
export const splitInBatches: NodeType = {
  definition,
  execute: execute((batch, done) => [done ?? [], batch], true),
  validate: () => [],
}
