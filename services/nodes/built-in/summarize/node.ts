import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { fieldOf } from '../../parameters/paths.ts'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { asNames, asObject, asObjects, asText, nodeFailure } from '../per-item.ts'
import { aggregations } from './aggregations.ts'
import { definition } from './definition.ts'
import { type Entry, type Group, groupBy } from './groups.ts'

type Json = Record<string, JsonValue | undefined>

/** `a["b"].c d` as the name of a field of the result: a_b_c_d. */
const plainName = (field: string): string => field.replaceAll(/[\][")(]/g, '').replaceAll(/[ .]/g, '_')

const summaryOf = (entries: readonly Entry[], wishes: readonly JsonObject[], dotNotation: boolean): Json => {
  const summary: Json = {}
  for (const wish of wishes) {
    const field = asText(wish['field'])
    const { prefix, of } = aggregations[asText(wish['aggregation'], 'count')]!
    summary[prefix + plainName(field)] = of(
      entries.map(({ item }) => fieldOf(item.json, field, dotNotation)),
      wish,
    )
  }
  return summary
}

const pairs = (entries: readonly Entry[]) => entries.map(({ index }) => ({ item: index }))

const itemPerGroup = (groups: readonly Group[], splitBy: readonly string[], summary: (entries: readonly Entry[]) => Json) =>
  groups.map(({ values, entries }): Item => {
    const names = Object.fromEntries(splitBy.map((field, place) => [plainName(field), values[place]]))
    return { json: { ...names, ...summary(entries) }, pairedItem: pairs(entries) }
  })

/** `{red: {foo: summary}}`. */
const nested = (groups: readonly Group[], depth: number, summary: (entries: readonly Entry[]) => Json): JsonObject => {
  const first = groups[0]
  if (!first) return {}
  if (depth === first.values.length) return summary(first.entries)
  const byValue = Map.groupBy(groups, ({ values }) => String(values[depth]))
  return Object.fromEntries([...byValue].map(([value, members]) => [value, nested(members, depth + 1, summary)]))
}

const wishesOf = async (context: NodeContext): Promise<readonly JsonObject[]> => {
  const wishes = asObjects(asObject(await context.parameter('fieldsToSummarize', 0))['values'])
  if (wishes.length === 0) throw nodeFailure(context, "You need to add at least one aggregation to 'Fields to Summarize'")
  for (const { field, aggregation } of wishes) {
    if (asText(field) === '') throw nodeFailure(context, 'No field to summarize was given', 'fieldsToSummarize')
    if (!Object.hasOwn(aggregations, asText(aggregation, 'count')))
      throw nodeFailure(context, `There is no aggregation "${asText(aggregation)}"`, 'fieldsToSummarize')
  }
  return wishes
}

const checkPresent = (context: NodeContext, items: readonly Item[], fields: readonly string[], dotNotation: boolean): void => {
  for (const field of fields)
    if (!items.some(({ json }) => fieldOf(json, field, dotNotation) !== undefined))
      throw nodeFailure(context, `The field '${field}' does not exist in any items`)
}

/** Counts, sums, joins ... the values of fields over all items, or over groups of them. */
export const summarize: NodeType = {
  definition,
  execute: async (context) => {
    const items = await context.items()
    const wishes = await wishesOf(context)
    const splitBy = asNames(await context.parameter('fieldsToSplitBy', 0))
    const options = asObject(await context.parameter('options', 0))
    const dotNotation = options['disableDotNotation'] !== true
    const { typeVersion } = context.node
    if (typeVersion < 1.1 && options['continueIfFieldNotFound'] !== true)
      checkPresent(context, items, [...wishes.map(({ field }) => asText(field)), ...splitBy], dotNotation)
    const entries = items.map((item, index) => ({ item, index }))
    const summary = (members: readonly Entry[]) => summaryOf(members, wishes, dotNotation)
    const groups = groupBy(entries, splitBy, {
      dotNotation,
      asText: typeVersion < 1.1,
      skipEmpty: options['skipEmptySplitFields'] === true,
    })
    if (splitBy.length > 0 && options['outputFormat'] !== 'singleItem') return [itemPerGroup(groups, splitBy, summary)]
    const json = splitBy.length === 0 ? summary(entries) : nested(groups, 0, summary)
    return [[{ json, pairedItem: pairs(entries) }]]
  },
  validate: () => [],
}
