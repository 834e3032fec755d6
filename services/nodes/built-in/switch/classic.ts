import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { compareClassic } from '../classic-conditions.ts'
import { asObject, asObjects, asText, type Columns, readColumns } from '../per-item.ts'
import { firstDefinition, secondDefinition } from './definition.ts'
import { type Route, routeItems } from './route.ts'

/** Output of a rule: said by the rule itself in version 1, its place in version 2. */
type OutputOf = (rule: JsonObject, place: number) => number

const byRules =
  (read: Columns, outputOf: OutputOf): Route =>
  (index, comparing) => {
    const rules = asObjects(asObject(read('rules', index))['rules'])
    const type = asText(read('dataType', index))
    const place = rules.findIndex((rule) =>
      compareClassic(type, asText(rule['operation'], 'equal'), read('value1', index), rule['value2'], comparing),
    )
    if (place >= 0) return [outputOf(rules[place]!, place)]
    const fallback = Number(read('fallbackOutput', index))
    return fallback >= 0 ? [fallback] : []
  }

const columns = ['output', 'rules', 'dataType', 'value1', 'fallbackOutput']

const classic = (definition: NodeType['definition'], outputOf: OutputOf, outputCount: NonNullable<NodeType['outputCount']>): NodeType => ({
  definition,
  execute: async (context: NodeContext) => {
    const items = await context.items()
    const read = await readColumns(context, columns, items.length)
    const mode = await context.parameter('mode', 0)
    const count = outputCount(
      {
        mode: mode ?? null,
        rules: (await context.rawParameter('rules')) ?? {},
        outputsAmount: (await context.rawParameter('outputsAmount')) ?? 4,
      },
      context.node.typeVersion,
    )
    const route = mode === 'expression' ? (index: number) => [Number(read('output', index))] : byRules(read, outputOf)
    return routeItems(context, items, count, route)
  },
  validate: () => [],
  outputCount,
})

const four = () => 4
const byRuleCount: NonNullable<NodeType['outputCount']> = (parameters) =>
  parameters['mode'] === 'expression'
    ? Number(parameters['outputsAmount'] ?? 4)
    : Math.max(1, asObjects(asObject(parameters['rules'])['rules']).length)

export const switchFirst: NodeType = classic(firstDefinition, (rule) => Number(rule['output'] ?? 0), four)
export const switchSecond: NodeType = classic(secondDefinition, (_rule, place) => place, byRuleCount)
