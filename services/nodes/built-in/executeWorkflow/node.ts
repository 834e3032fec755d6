import type { Item, Outputs } from '@weconnect/contracts/items'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { asObject, asText, continues, failedItem, locatorValue, nodeFailure, unsupported } from '../per-item.ts'
import { definition } from './definition.ts'
import { mappedInputs } from './mapped-inputs.ts'

const called = async (context: NodeContext, index: number): Promise<{ readonly workflowId: string; readonly wait: boolean }> => {
  const workflowId = asText(locatorValue(await context.parameter('workflowId', index)))
  if (workflowId === '') throw nodeFailure(context, 'No workflow was chosen', 'workflowId', index)
  const options = asObject(await context.parameter('options', index))
  return { workflowId, wait: options['waitForSubWorkflow'] !== false }
}

/** What the called workflow gets for an item: the fields that were mapped, or the item as it is. */
const given = async (context: NodeContext, item: Item, index: number): Promise<Item> => {
  const inputs = asObject(await context.parameter('workflowInputs', index))
  const fields = asObject(inputs['value'])
  const isMapped = inputs['mappingMode'] === 'defineBelow' && Object.keys(fields).length > 0
  return isMapped ? { ...item, json: mappedInputs(context, inputs, fields, index) } : item
}

/** One call with the items from an index on. Without waiting, the items of this node go on. */
const callFor = async (context: NodeContext, items: readonly Item[], from: number): Promise<Outputs> => {
  const { workflowId, wait } = await called(context, from)
  const passed = await Promise.all(items.map((item, index) => given(context, item, from + index)))
  const outputs = await context.runWorkflow({ workflowId, items: passed, wait })
  if (wait) return outputs.map((output) => output?.map(({ pairedItem: _, ...item }) => item) ?? null)
  return [items.map((item, index) => ({ ...item, pairedItem: { item: from + index } }))]
}

/** @returns how many items a call is given */
const batchSizeOf = async (context: NodeContext, count: number): Promise<number> => {
  const { batchSize = 0 } = asObject(await context.parameter('options', 0))
  const size = Number(batchSize)
  if (!Number.isInteger(size) || size < 0)
    throw nodeFailure(context, 'Items per Call must be a whole number of at least 0', 'options.batchSize')
  return size === 0 ? count : size
}

/** As many came back as were given: each belongs to its item. */
const paired = (output: readonly Item[], count: number, from: number): readonly Item[] =>
  output.length === count ? output.map((item, index) => ({ pairedItem: { item: from + index }, ...item })) : output

/** One call after the other, each with some of the items; what they give, output by output. */
const callInBatches = async (context: NodeContext, items: readonly Item[], size: number): Promise<Outputs> => {
  const all: Item[][] = [[]]
  for (let from = 0; from < items.length; from += size) {
    const batch = items.slice(from, from + size)
    for (const [index, output] of (await callOrKeepErrors(context, batch, from)).entries()) {
      all[index] ??= []
      for (const item of paired(output ?? [], batch.length, from)) all[index].push(item)
    }
  }
  return Array.from(all, (output) => output ?? [])
}

const callOrKeepErrors = async (context: NodeContext, batch: readonly Item[], from: number): Promise<Outputs> => {
  try {
    return await callFor(context, batch, from)
  } catch (error) {
    if (!continues(context)) throw error
    return [batch.map((_, index) => failedItem(error, from + index))]
  }
}

const callOnce = async (context: NodeContext, items: readonly Item[]): Promise<Outputs> => {
  const size = await batchSizeOf(context, items.length)
  return size < items.length ? callInBatches(context, items, size) : callFor(context, items, 0)
}

const callForItem = async (context: NodeContext, item: Item, index: number): Promise<readonly Item[]> => {
  const { workflowId, wait } = await called(context, index)
  const [first] = await context.runWorkflow({ workflowId, items: [await given(context, item, index)], wait })
  return (wait ? (first ?? []) : [item]).map((made) => ({ ...made, pairedItem: { item: index } }))
}

const callEach = async (context: NodeContext, items: readonly Item[]): Promise<Outputs> => {
  const output: Item[] = []
  for (const [index, item] of items.entries()) {
    try {
      output.push(...(await callForItem(context, item, index)))
    } catch (error) {
      if (!continues(context)) throw error
      output.push(failedItem(error, index))
    }
  }
  return [output]
}

/** Calls another workflow: once with all items, or once for each. */
export const executeWorkflow: NodeType = {
  definition,
  execute: async (context) => {
    const source = asText(await context.parameter('source', 0), 'database')
    if (source !== 'database') throw unsupported(context, `Workflow source "${source}"`, 'source')
    const items = await context.items()
    return (await context.parameter('mode', 0)) === 'each' ? callEach(context, items) : callOnce(context, items)
  },
  validate: () => [],
}
