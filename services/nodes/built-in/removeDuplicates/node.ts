import type { Item } from '@weconnect/contracts/items'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { asNames, asObject, asText, nodeFailure, passOn } from '../per-item.ts'
import { classicDefinition, definition } from './definition.ts'
import { checkFields, comparedFields, firstOfEachKind, onlyFields } from './duplicates.ts'
import { clearHistory, removeSeen } from './history.ts'

const fieldsParameter: Readonly<Record<string, string>> = { selectedFields: 'fieldsToCompare', allFieldsExcept: 'fieldsToExclude' }

const namedFields = async (context: NodeContext, compare: string): Promise<readonly string[]> => {
  const parameter = fieldsParameter[compare]
  if (parameter === undefined) return []
  const fields = asNames(await context.parameter(parameter, 0))
  if (fields.length === 0) throw nodeFailure(context, 'No fields specified. Please add a field to compare on', parameter)
  return fields
}

/** Keeps the first of the items of input 0 that are equal in the compared fields. */
const removeRepeated = async (context: NodeContext): Promise<readonly Item[]> => {
  const items = await context.items()
  const compare = asText(await context.parameter('compare', 0))
  const options = asObject(await context.parameter('options', 0))
  const dotNotation = options['disableDotNotation'] !== true
  const fields = comparedFields(items, compare, await namedFields(context, compare), dotNotation)
  checkFields(items, fields, dotNotation, context.node.typeVersion < 1.1)
  const kept = firstOfEachKind(items, fields, dotNotation)
  if (options['removeOtherFields'] !== true) return kept.map((index) => passOn(items[index]!, index))
  // As in n8n, what is left of an item is paired with its place in the output.
  return kept.map((index, place) => ({ json: onlyFields(items[index]!.json, fields, dotNotation), pairedItem: { item: place } }))
}

/** Remove Duplicates, versions 1 and 1.1. */
export const removeDuplicatesClassic: NodeType = {
  definition: classicDefinition,
  execute: async (context) => [await removeRepeated(context)],
  validate: () => [],
}

const within = 'removeDuplicateInputItems'
const seenBefore = 'removeItemsSeenInPreviousExecutions'

/** Remove Duplicates, version 2. */
export const removeDuplicates: NodeType = {
  definition,
  execute: async (context) => {
    switch (asText(await context.parameter('operation', 0))) {
      case seenBefore:
        return removeSeen(context)
      case 'clearDeduplicationHistory':
        return [await clearHistory(context)]
      default:
        return [await removeRepeated(context)]
    }
  },
  validate: () => [],
  // Its memory outlives the execution.
  reachesOutside: ({ operation = within }) => operation !== within,
  // New items, and those that were seen before.
  outputCount: ({ operation }) => (operation === seenBefore ? 2 : 1),
}
