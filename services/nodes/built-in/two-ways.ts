import type { Item, Outputs } from '@weconnect/contracts/items'
import type { NodeContext } from '../sdk/node.ts'
import { type Comparing, classicConditionsHold } from './classic-conditions.ts'
import { filterHolds } from './filter-parameter.ts'
import { NotTested, openPatternsElsewhere } from './patterns-elsewhere.ts'
import { asObject, type Columns, columnsByPart, continues, passOn } from './per-item.ts'

/** Items that hold to output 0, the others to output 1; so does one that failed, when the node goes on. */
const split = async (
  context: NodeContext,
  names: readonly string[],
  holds: (read: Columns, index: number, comparing: Comparing) => boolean,
): Promise<Outputs> => {
  const items = await context.items()
  const { test: testElsewhere, decided } = openPatternsElsewhere(context)
  const comparing = { timezone: await context.timezone(), testElsewhere }
  const sides: readonly [Item[], Item[]] = [[], []]
  const orFalse = (read: Columns, index: number): boolean => {
    try {
      return holds(read, index, comparing)
    } catch (error) {
      if (error instanceof NotTested || !continues(context)) throw error
      return false
    }
  }
  for await (const { from, to, read } of columnsByPart(context, names, items.length)) {
    for (let index = from; index < to; index++) {
      const found = decided(() => orFalse(read, index))
      const isTrue = typeof found === 'boolean' ? found : await found
      sides[isTrue ? 0 : 1].push(passOn(items[index]!, index))
    }
  }
  return sides
}

/**
 * If 1 and Filter 1.
 * @param combine name of the parameter that joins the conditions
 * @param any its value that asks for any of them
 */
export const splitByClassicConditions = (context: NodeContext, combine: string, any: string): Promise<Outputs> =>
  split(context, ['conditions', combine], (read, index, comparing) =>
    classicConditionsHold(asObject(read('conditions', index)), read(combine, index) === any ? 'any' : 'all', comparing),
  )

/** If and Filter from version 2 on. */
export const splitByFilter = (context: NodeContext): Promise<Outputs> =>
  split(context, ['conditions', 'options', 'looseTypeValidation'], (read, index, comparing) =>
    filterHolds(read('conditions', index), read('options', index), read('looseTypeValidation', index), {
      itemIndex: index,
      ...comparing,
    }),
  )
