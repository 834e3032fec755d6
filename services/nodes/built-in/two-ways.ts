import type { Item, Outputs } from '@weconnect/contracts/items'
import type { NodeContext } from '../sdk/node.ts'
import { classicConditionsHold } from './classic-conditions.ts'
import { filterHolds } from './filter-parameter.ts'
import { asObject, type Columns, columnsByPart, continues, passOn } from './per-item.ts'

/** Items that hold to output 0, the others to output 1; so does one that failed, when the node goes on. */
const split = async (
  context: NodeContext,
  names: readonly string[],
  holds: (read: Columns, index: number) => boolean,
): Promise<Outputs> => {
  const items = await context.items()
  const sides: readonly [Item[], Item[]] = [[], []]
  const orFalse = (read: Columns, index: number): boolean => {
    try {
      return holds(read, index)
    } catch (error) {
      if (!continues(context)) throw error
      return false
    }
  }
  for await (const { from, to, read } of columnsByPart(context, names, items.length)) {
    for (let index = from; index < to; index++) sides[orFalse(read, index) ? 0 : 1].push(passOn(items[index]!, index))
  }
  return sides
}

/**
 * If 1 and Filter 1.
 * @param combine name of the parameter that joins the conditions
 * @param any its value that asks for any of them
 */
export const splitByClassicConditions = async (context: NodeContext, combine: string, any: string): Promise<Outputs> => {
  const timezone = await context.timezone()
  return split(context, ['conditions', combine], (read, index) =>
    classicConditionsHold(asObject(read('conditions', index)), read(combine, index) === any ? 'any' : 'all', timezone),
  )
}

/** If and Filter from version 2 on. */
export const splitByFilter = async (context: NodeContext): Promise<Outputs> => {
  const timezone = await context.timezone()
  return split(context, ['conditions', 'options', 'looseTypeValidation'], (read, index) =>
    filterHolds(read('conditions', index), read('options', index), read('looseTypeValidation', index), index, timezone),
  )
}
