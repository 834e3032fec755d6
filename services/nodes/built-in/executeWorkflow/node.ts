import type { Item, Outputs } from '@weconnect/contracts/items'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { asObject, asText, continues, failedItem, locatorValue, nodeFailure, unsupported } from '../per-item.ts'
import { definition } from './definition.ts'

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
  return inputs['mappingMode'] === 'defineBelow' && Object.keys(fields).length > 0 ? { ...item, json: fields } : item
}

/** Without waiting, the items of this node go on. */
const callOnce = async (context: NodeContext, items: readonly Item[]): Promise<Outputs> => {
  const { workflowId, wait } = await called(context, 0)
  const passed = await Promise.all(items.map((item, index) => given(context, item, index)))
  const outputs = await context.runWorkflow({ workflowId, items: passed, wait })
  if (wait) return outputs.map((output) => output?.map(({ pairedItem: _, ...item }) => item) ?? null)
  return [items.map((item, index) => ({ ...item, pairedItem: { item: index } }))]
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
