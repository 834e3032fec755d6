import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { fieldOf, setField } from '../../parameters/paths.ts'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { findMatches, type Matches, type MatchOptions } from '../merge/by-fields.ts'
import { asItem, type Entry, entriesOf } from '../merge/clash.ts'
import { asNames, asObject, asObjects, asText, nodeFailure } from '../per-item.ts'
import { definition } from './definition.ts'
import { type Comparison, differences, fuzzilyEqual, strictlyEqual, without } from './differences.ts'

type Pairs = MatchOptions['pairs']
/** What becomes of two items that match but differ. */
type Resolve = (a: Entry, b: Entry) => Item

const pairsOf = async (context: NodeContext): Promise<Pairs> => {
  const values = asObjects(asObject(await context.parameter('mergeByFields', 0))['values'])
  const pairs = values.map(({ field1, field2 }) => ({ field1: asText(field1), field2: asText(field2) }))
  if (pairs.length === 0 || pairs.some(({ field1, field2 }) => field1 === '' || field2 === ''))
    throw nodeFailure(context, "You need to define at least one pair of fields in 'Fields to Match' to match on", 'mergeByFields')
  return pairs
}

const checkPresent = (context: NodeContext, items: readonly Item[], fields: readonly string[], input: string, dotNotation: boolean) => {
  for (const field of fields)
    if (items.length > 0 && items.every(({ json }) => fieldOf(json, field, dotNotation) === undefined))
      throw nodeFailure(context, `Field '${field}' is not present in any of items in '${input}'`, 'mergeByFields')
}

/** One side, with the values of some fields taken from the other. */
const mixed = async (context: NodeContext, dotNotation: boolean): Promise<Resolve> => {
  const preferFirst = (await context.parameter('preferWhenMix', 0)) !== 'input2'
  const except = asNames(await context.parameter('exceptWhenMix', 0))
  return (a, b) => {
    const [own, other] = preferFirst ? [a, b] : [b, a]
    const json: Record<string, JsonValue | undefined> = { ...own.item.json }
    for (const field of except) setField(json, field, fieldOf(other.item.json, field, dotNotation) ?? null, dotNotation)
    return { ...asItem(own), json }
  }
}

/** Both versions side by side, with the fields that were matched on. */
const bothVersions =
  (pairs: Pairs, comparison: Comparison): Resolve =>
  (a, b) => {
    const keys: JsonObject = Object.fromEntries(
      pairs.map(({ field1 }) => [field1, a.item.json[field1]] as const).filter(([, value]) => value !== undefined),
    )
    return { json: { keys, ...differences(a.item.json, b.item.json, comparison) }, pairedItem: [a.paired, b.paired] }
  }

const resolverOf = async (context: NodeContext, pairs: Pairs, comparison: Comparison): Promise<Resolve> => {
  const resolve = asText(await context.parameter('resolve', 0))
  if (resolve === 'mix') return mixed(context, comparison.dotNotation)
  if (resolve === 'includeBoth') return bothVersions(pairs, comparison)
  return resolve === 'preferInput1' ? asItem : (_a, b) => asItem(b)
}

const comparisonOf = async (context: NodeContext, options: JsonObject): Promise<Comparison> => {
  const fuzzy = context.node.typeVersion < 2 ? options['fuzzyCompare'] : await context.parameter('fuzzyCompare', 0)
  return {
    equal: fuzzy === true ? fuzzilyEqual : strictlyEqual,
    skip: asNames(options['skipFields']),
    dotNotation: options['disableDotNotation'] !== true,
    labels: context.node.typeVersion < 2 ? ['input1', 'input2'] : ['inputA', 'inputB'],
  }
}

/** Matches sorted into the same (the item of A) and different. */
const sorted = ({ matched }: Matches, { equal, skip, dotNotation }: Comparison, resolve: Resolve) => {
  const same: Item[] = []
  const different: Item[] = []
  const compared = ({ item }: Entry) => without(item.json, skip, dotNotation)
  for (const { entry, matches } of matched)
    for (const match of matches) {
      if (equal(compared(entry), compared(match))) same.push(asItem(entry))
      else different.push(resolve(entry, match))
    }
  return { same, different }
}

const execute = async (context: NodeContext): Promise<readonly (readonly Item[])[]> => {
  const [first, second] = [await context.items(0), await context.items(1)]
  const options = asObject(await context.parameter('options', 0))
  const pairs = await pairsOf(context)
  const comparison = await comparisonOf(context, options)
  const { equal, dotNotation } = comparison
  const [fields1, fields2] = [pairs.map(({ field1 }) => field1), pairs.map(({ field2 }) => field2)]
  checkPresent(context, first, fields1, 'Input A', dotNotation)
  checkPresent(context, second, fields2, 'Input B', dotNotation)
  const firstOnly = options['multipleMatches'] !== 'all'
  const wish = { pairs, dotNotation, fuzzy: equal === fuzzilyEqual, firstOnly }
  const matches = findMatches(entriesOf(first, 0), entriesOf(second, 1), wish)
  const { same, different } = sorted(matches, comparison, await resolverOf(context, pairs, comparison))
  return [matches.unmatchedFirst.map(asItem), same, different, matches.unmatchedSecond.map(asItem)]
}

/** Sorts the items of two inputs into: only in A, the same in both, in both but different, only in B. */
export const compareDatasets: NodeType = { definition, execute, validate: () => [] }
