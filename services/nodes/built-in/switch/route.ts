import type { Item, Outputs } from '@weconnect/contracts/items'
import type { NodeContext } from '../../sdk/node.ts'
import { continues, failedItem, nodeFailure, passOn } from '../per-item.ts'

/** Outputs an item goes to; none = it is dropped. */
export type Route = (index: number) => readonly number[]

/**
 * Sends each item to its outputs. An item that failed goes to output 0 as its error when the node goes on.
 * @throws WeConnectError NODE_FAILED when an output does not exist
 */
export const routeItems = (context: NodeContext, items: readonly Item[], count: number, route: Route): Outputs => {
  const outputs: Item[][] = Array.from({ length: count }, () => [])
  for (const [index, item] of items.entries()) {
    try {
      for (const output of route(index)) outputAt(context, outputs, output, index).push(passOn(item, index))
    } catch (error) {
      if (!continues(context)) throw error
      outputs[0]!.push(failedItem(error, index))
    }
  }
  return outputs
}

const outputAt = (context: NodeContext, outputs: readonly Item[][], output: number, item: number): Item[] => {
  const found = Number.isInteger(output) ? outputs[output] : undefined
  if (found) return found
  throw nodeFailure(context, `The output ${output} is not allowed. It has to be between 0 and ${outputs.length - 1}!`, 'output', item)
}
