import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { fieldOf, setField, withoutValueAt } from '../../parameters/paths.ts'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { eachItem } from '../each-item.ts'
import { asObject, asObjects, asText, type Columns, nodeFailure } from '../per-item.ts'
import { definition } from './definition.ts'
import { renameByPattern } from './pattern.ts'

/** Moves the value at one path to another; a path that is not there changes nothing. */
const renamed = (json: JsonObject, from: string, to: string): JsonObject => {
  const value = fieldOf(json, from, true)
  if (from === '' || to === '' || from === to || value === undefined) return json
  const rest: Record<string, JsonValue | undefined> = Object.hasOwn(json, from) ? { ...json } : { ...withoutValueAt(json, from) }
  delete rest[from]
  setField(rest, to, value, true)
  return rest
}

const rename = (context: NodeContext, { json, binary }: Item, index: number, read: Columns): Item => {
  const keys = asObjects(asObject(read('keys', index))['key'])
  const byName = keys.reduce((data, { currentKey, newKey }) => renamed(data, asText(currentKey), asText(newKey)), json)
  const patterns = asObjects(asObject(asObject(read('additionalOptions', index))['regexReplacement'])['replacements'])
  const result = patterns.reduce((data, { searchRegex, replaceRegex, options }) => {
    const { caseInsensitive, depth = -1 } = asObject(options)
    const wish = { pattern: asText(searchRegex), ignoreCase: caseInsensitive === true, depth: Number(depth) }
    try {
      return renameByPattern(data, wish, asText(replaceRegex))
    } catch (error) {
      throw nodeFailure(context, (error as Error).message, 'additionalOptions', index)
    }
  }, byName)
  return { json: result, ...(binary ? { binary } : {}), pairedItem: { item: index } }
}

/** Gives fields other names. */
export const renameKeys: NodeType = {
  definition,
  execute: async (context) => [
    await eachItem(context, ['keys', 'additionalOptions'], (item, index, read) => rename(context, item, index, read)),
  ],
  validate: () => [],
}
