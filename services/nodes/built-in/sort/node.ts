import type { Item } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import { fieldOf } from '../../parameters/paths.ts'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { choice, collection, group, groups, show, text, toggle } from '../../sdk/property.ts'
import { asList, asObject, asObjects, asText, nodeFailure, passOn, unsupported } from '../per-item.ts'

const folded = (value: JsonValue | undefined): JsonValue | undefined => (typeof value === 'string' ? value.toLowerCase() : value)

/** Of folded values. */
const compare = (a: JsonValue | undefined, b: JsonValue | undefined): number => {
  if (a === b) return 0
  return (a as number) < (b as number) ? -1 : 1
}

const byFields = async (context: NodeContext, items: readonly Item[]): Promise<readonly Item[]> => {
  const fields = asObjects(asObject(await context.parameter('sortFieldsUi', 0))['sortField'])
  if (fields.length === 0) throw nodeFailure(context, 'No sorting specified. Please add a field to sort by', 'sortFieldsUi')
  const dotNotation = asObject(await context.parameter('options', 0))['disableDotNotation'] !== true
  const rules = fields.map((field) => ({ name: asText(field['fieldName']), sign: field['order'] === 'descending' ? -1 : 1 }))
  for (const { name } of rules)
    if (!items.some(({ json }) => fieldOf(json, name, dotNotation) !== undefined))
      throw nodeFailure(context, `Couldn't find the field '${name}' in the input data`, 'sortFieldsUi')
  // Read once per item: a comparison reads two of them, and there are many more comparisons than items.
  const columns = rules.map(({ name, sign }) => ({ sign, keys: items.map(({ json }) => folded(fieldOf(json, name, dotNotation))) }))
  const order = items.map((_, index) => index)
  order.sort((a, b) => {
    for (const { keys, sign } of columns) {
      const difference = compare(keys[a], keys[b])
      if (difference !== 0) return difference * sign
    }
    return 0
  })
  return order.map((index) => items[index]!)
}

/** Fisher-Yates with the step's recorded randomness, so that a replay gives the same order. */
const shuffled = async (context: NodeContext, items: readonly Item[]): Promise<readonly Item[]> => {
  const order = [...items]
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor((await context.random()) * (last + 1))
    const moved = order[last]!
    order[last] = order[other]!
    order[other] = moved
  }
  return order
}

/** In front of the user's first line, so that the lines in errors are the user's; `a` and `b` are items. */
const comparing = (code: string): string =>
  `const all = $input.all(); return all.map((_, index) => index).sort((first, second) => ((a, b) => {${code}\n})(all[first], all[second]))`

/** The order that the user's comparison gives: places of the items. What comes out of the user's code is checked. */
const byCode = async (context: NodeContext, items: readonly Item[]): Promise<readonly Item[]> => {
  const code = asText(await context.rawParameter('code'))
  if (!/\breturn\b/.test(code)) throw nodeFailure(context, "Sort code doesn't return. Please add a 'return' statement to your code", 'code')
  const { value } = await context.runCode({ language: 'javaScript', mode: 'runOnceForAllItems', code: comparing(code) })
  const places = asList(value)
  const isOrder = places.length === items.length && new Set(places).size === items.length
  const ordered = places.map((place) => items[Number(place)])
  if (!isOrder || ordered.some((item) => item === undefined)) throw nodeFailure(context, 'The code gave no order of the items', 'code')
  return ordered as readonly Item[]
}

const sorts: Readonly<Record<string, (context: NodeContext, items: readonly Item[]) => Promise<readonly Item[]>>> = {
  simple: byFields,
  random: shuffled,
  code: byCode,
}

const field = group('Field', 'sortField', [
  text('Field Name', 'fieldName', '', { required: true }),
  choice(
    'Order',
    'order',
    [
      ['Ascending', 'ascending'],
      ['Descending', 'descending'],
    ],
    'ascending',
  ),
])

/** Changes the order of items. */
export const sort: NodeType = {
  definition: {
    name: 'n8n-nodes-base.sort',
    displayName: 'Sort',
    description: 'Change items order',
    category: 'data',
    versions: [1],
    properties: [
      choice(
        'Type',
        'type',
        [
          ['Simple', 'simple'],
          ['Random', 'random'],
          ['Code', 'code'],
        ],
        'simple',
      ),
      groups('Fields To Sort By', 'sortFieldsUi', [field], { many: true, ...show({ type: ['simple'] }) }),
      text('Code', 'code', '', show({ type: ['code'] })),
      collection('Options', 'options', [toggle('Disable Dot Notation', 'disableDotNotation', false)], show({ type: ['simple'] })),
    ],
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => {
    const type = asText(await context.parameter('type', 0))
    if (!Object.hasOwn(sorts, type)) throw unsupported(context, `Sorting by "${type}"`, 'type')
    const items = await context.items()
    return [
      await sorts[type]!(
        context,
        items.map((item, index) => passOn(item, index)),
      ),
    ]
  },
  validate: () => [],
}
