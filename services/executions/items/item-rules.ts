import type { Item, Outputs } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { PreparedNode } from '../parts.ts'
import type { Inputs } from './outputs.ts'

export type ErrorHandling = 'stopWorkflow' | 'continueRegularOutput' | 'continueErrorOutput'

/**
 * What n8n does with every node's output before anything else sees it: failed items go to the error output, with the fields of the item that the
 * node names for them; items are paired with the input where that is certain; an empty output becomes one empty item when the node asks for it.
 */
export const finishOutputs = (raw: Outputs, inputs: Inputs, prepared: PreparedNode, errorOutput: number): Outputs => {
  const routed = prepared.onError === 'continueErrorOutput' ? routeErrors(raw, inputs, errorOutput) : raw
  const pairedOutputs = routed.map((items) => items && pairItems(items, inputs))
  return prepared.node.options.alwaysOutputData ? neverEmpty(pairedOutputs, inputs) : pairedOutputs
}

/** Pairs the items that say nothing where there is no doubt: all with a lone input item, or each with the one in its place. */
export const pairItems = (items: readonly Item[], inputs: Inputs): readonly Item[] => {
  if (items.every((item) => item.pairedItem !== undefined)) return items
  const first = inputs[0] ?? []
  if (inputs.length > 1) return items
  if (first.length === 1) return items.map((item) => (item.pairedItem === undefined ? { ...item, pairedItem: { item: 0 } } : item))
  if (first.length !== items.length) return items
  return items.map((item, index) => (item.pairedItem === undefined ? { ...item, pairedItem: { item: index } } : item))
}

/** An item that stands for an error, as nodes make it when they go on after one. */
export const isFailed = (item: Item): boolean => {
  if (item.error !== undefined) return true
  if (item.json['error'] === undefined) return false
  const keys = Object.keys(item.json)
  return keys.length === 1 || (keys.length === 2 && item.json['message'] !== undefined)
}

const routeErrors = (outputs: Outputs, inputs: Inputs, errorOutput: number): Outputs => {
  const failures: Item[] = []
  const kept = outputs.map((items, output) => {
    if (!items || output === errorOutput) return items
    return items.filter((item) => {
      if (isFailed(item)) failures.push(withInput(item, inputs))
      return !isFailed(item)
    })
  })
  while (kept.length < errorOutput) kept.push([])
  kept[errorOutput] = [...(kept[errorOutput] ?? []), ...failures]
  return kept
}

const withInput = (item: Item, inputs: Inputs): Item => {
  const paired = Array.isArray(item.pairedItem) ? item.pairedItem[0] : item.pairedItem
  const index =
    typeof paired === 'object' && paired !== null && 'item' in paired ? paired.item : typeof paired === 'number' ? paired : undefined
  const source = index === undefined ? undefined : inputs[0]?.[index]
  const json: JsonObject = { ...source?.json, ...item.json }
  return { ...item, json }
}

const neverEmpty = (outputs: Outputs, inputs: Inputs): Outputs => {
  if ((outputs[0]?.length ?? 0) > 0) return outputs
  const pairedItem = inputs.flatMap((items, input) => items.map((_, item) => (input === 0 ? { item } : { item, input })))
  return [[{ json: {}, pairedItem }], ...outputs.slice(1)]
}
