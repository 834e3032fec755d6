import type { Item, Outputs } from '@weconnect/contracts/items'
import type { NodeContext } from '../../sdk/node.ts'
import type { Comparing } from '../classic-conditions.ts'
import { NotTested, openPatternsElsewhere } from '../patterns-elsewhere.ts'
import { continues, failedItem, nodeFailure, passOn } from '../per-item.ts'

/** Outputs an item goes to; none = it is dropped. */
export type Route = (index: number, comparing: Comparing) => readonly number[]

/**
 * Sends each item to its outputs. An item that failed goes to output 0 as its error when the node goes on.
 * @throws WeConnectError NODE_FAILED when an output does not exist
 */
export const routeItems = async (context: NodeContext, items: readonly Item[], count: number, route: Route): Promise<Outputs> => {
  const outputs: Item[][] = Array.from({ length: count }, () => [])
  const { test: testElsewhere, decided } = openPatternsElsewhere(context)
  const comparing = { timezone: await context.timezone(), testElsewhere }
  const send = (item: Item, index: number): void => {
    try {
      for (const output of route(index, comparing)) outputAt(context, outputs, output, index).push(passOn(item, index))
    } catch (error) {
      if (error instanceof NotTested || !continues(context)) throw error
      outputs[0]!.push(failedItem(error, index))
    }
  }
  for (const [index, item] of items.entries()) {
    const sent = decided(() => send(item, index))
    if (sent) await sent
  }
  return outputs
}

const outputAt = (context: NodeContext, outputs: readonly Item[][], output: number, item: number): Item[] => {
  const found = Number.isInteger(output) ? outputs[output] : undefined
  if (found) return found
  throw nodeFailure(context, `The output ${output} is not allowed. It has to be between 0 and ${outputs.length - 1}!`, 'output', item)
}
