import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { NodeType } from '../../sdk/node.ts'
import { filterHolds } from '../filter-parameter.ts'
import { asObject, asObjects, type Columns, readColumns } from '../per-item.ts'
import { definition } from './definition.ts'
import { type Route, routeItems } from './route.ts'

const rulesOf = (value: JsonValue | undefined): readonly JsonObject[] => asObjects(asObject(value)['values'])

/** `extra` is the output after those of the rules, a number one of theirs, everything else none. */
const fallbackOf = (options: JsonObject, rules: number): readonly number[] => {
  const fallback = options['fallbackOutput']
  return fallback === 'extra' ? [rules] : typeof fallback === 'number' && fallback >= 0 ? [fallback] : []
}

const byRules =
  (read: Columns): Route =>
  (index, comparing) => {
    const rules = rulesOf(read('rules', index))
    const options = asObject(read('options', index))
    const loose = read('looseTypeValidation', index)
    const holds = (rule: JsonObject) => filterHolds(rule['conditions'], options, loose, { itemIndex: index, ...comparing })
    const places =
      options['allMatchingOutputs'] === true ? rules.flatMap((rule, place) => (holds(rule) ? [place] : [])) : [rules.findIndex(holds)]
    return places.some((place) => place >= 0) ? places : fallbackOf(options, rules.length)
  }

const outputCount: NonNullable<NodeType['outputCount']> = (parameters) => {
  if (parameters['mode'] === 'expression') return Number(parameters['numberOutputs'] ?? 4)
  const extra = asObject(parameters['options'])['fallbackOutput'] === 'extra' ? 1 : 0
  return Math.max(1, rulesOf(parameters['rules']).length + extra)
}

const columns = ['output', 'rules', 'options', 'looseTypeValidation']
const structural = ['mode', 'rules', 'options', 'numberOutputs']

/** Switch, version 3 and later. */
export const switchNode: NodeType = {
  definition,
  execute: async (context) => {
    const items = await context.items()
    const read = await readColumns(context, columns, items.length)
    const parameters: Record<string, JsonValue | undefined> = {}
    for (const name of structural) parameters[name] = await context.rawParameter(name)
    const route: Route = parameters['mode'] === 'expression' ? (index) => [Number(read('output', index))] : byRules(read)
    return routeItems(context, items, outputCount(parameters, context.node.typeVersion), route)
  },
  validate: () => [],
  outputCount,
}
