import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeContext } from '../sdk/node.ts'

/** What a trigger was started with; when that is nothing, as in a start by hand, one item of its own. */
export const startingItems = async (context: NodeContext, own: () => Promise<JsonObject>): Promise<readonly Item[]> => {
  const items = await context.items()
  const empty = items.length === 0 || (items.length === 1 && Object.keys(items[0]!.json).length === 0 && !items[0]!.binary)
  return empty ? [{ json: await own() }] : items
}
