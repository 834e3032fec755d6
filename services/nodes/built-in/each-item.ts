import type { Item } from '@weconnect/contracts/items'
import type { NodeContext } from '../sdk/node.ts'
import { type Columns, columnsByPart, continues, failedItem } from './per-item.ts'

/**
 * What most nodes do: makes an item (or several, or none) of each item of input 0, one after the other.
 * An item that fails becomes its error when the node goes on, and fails the step when it does not.
 * @param names parameters that `make` reads
 */
export const eachItem = async (
  context: NodeContext,
  names: readonly string[],
  make: (item: Item, index: number, read: Columns) => Item | readonly Item[] | Promise<Item | readonly Item[]>,
): Promise<readonly Item[]> => {
  const items = await context.items()
  const made: Item[] = []
  for await (const { from, to, read } of columnsByPart(context, names, items.length)) {
    for (let index = from; index < to; index++) {
      try {
        const result = await make(items[index]!, index, read)
        if (Array.isArray(result)) for (const one of result as readonly Item[]) made.push(one)
        else made.push(result as Item)
      } catch (error) {
        if (!continues(context)) throw error
        made.push(failedItem(error, index))
      }
    }
  }
  return made
}
