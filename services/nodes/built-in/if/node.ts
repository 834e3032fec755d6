import type { Item, Outputs } from '@weconnect/contracts/items'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { classicConditionsHold } from '../classic-conditions.ts'
import { filterHolds } from '../filter-parameter.ts'
import { asObject, continues, passOn, readColumns } from '../per-item.ts'
import { classicDefinition, definition } from './definition.ts'

/** Items that hold to output 0, the others to output 1; so does one that failed, when the node goes on. */
const split = (context: NodeContext, items: readonly Item[], holds: (index: number) => boolean): Outputs => {
  const sides: readonly [Item[], Item[]] = [[], []]
  const orFalse = (index: number): boolean => {
    try {
      return holds(index)
    } catch (error) {
      if (!continues(context)) throw error
      return false
    }
  }
  for (const [index, item] of items.entries()) sides[orFalse(index) ? 0 : 1].push(passOn(item, index))
  return sides
}

/** If, version 1. */
export const ifClassic: NodeType = {
  definition: classicDefinition,
  execute: async (context) => {
    const items = await context.items()
    const read = await readColumns(context, ['conditions', 'combineOperation'], items.length)
    const timezone = await context.timezone()
    return split(context, items, (index) =>
      classicConditionsHold(asObject(read('conditions', index)), read('combineOperation', index) === 'any' ? 'any' : 'all', timezone),
    )
  },
  validate: () => [],
}

/** If, version 2 and later. */
export const ifNode: NodeType = {
  definition,
  execute: async (context) => {
    const items = await context.items()
    const read = await readColumns(context, ['conditions', 'options', 'looseTypeValidation'], items.length)
    const timezone = await context.timezone()
    return split(context, items, (index) =>
      filterHolds(read('conditions', index), read('options', index), read('looseTypeValidation', index), index, timezone),
    )
  },
  validate: () => [],
}
