import type { Item, Outputs } from '@weconnect/contracts/items'
import type { NodeContext } from '../sdk/node.ts'
import { classicConditionsHold } from './classic-conditions.ts'
import { filterHolds } from './filter-parameter.ts'
import { asObject, continues, passOn, readColumns } from './per-item.ts'

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

/**
 * If 1 and Filter 1.
 * @param combine name of the parameter that joins the conditions
 * @param any its value that asks for any of them
 */
export const splitByClassicConditions = async (context: NodeContext, combine: string, any: string): Promise<Outputs> => {
  const items = await context.items()
  const read = await readColumns(context, ['conditions', combine], items.length)
  const timezone = await context.timezone()
  return split(context, items, (index) =>
    classicConditionsHold(asObject(read('conditions', index)), read(combine, index) === any ? 'any' : 'all', timezone),
  )
}

/** If and Filter from version 2 on. */
export const splitByFilter = async (context: NodeContext): Promise<Outputs> => {
  const items = await context.items()
  const read = await readColumns(context, ['conditions', 'options', 'looseTypeValidation'], items.length)
  const timezone = await context.timezone()
  return split(context, items, (index) =>
    filterHolds(read('conditions', index), read('options', index), read('looseTypeValidation', index), index, timezone),
  )
}
