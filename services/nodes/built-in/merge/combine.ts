import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeContext } from '../../sdk/node.ts'
import { asNames, asObject, asObjects, asText, nodeFailure, passOn, unsupported } from '../per-item.ts'
import { findMatches, joins, type MatchOptions } from './by-fields.ts'
import { asItem, type Clash, clashOf, entriesOf, mergeEntries, mergePair, suffixed } from './clash.ts'

export type Inputs = readonly (readonly Item[])[]

/** Every item of every input, one input after the other. */
export const append = (inputs: Inputs): readonly Item[] =>
  inputs.flatMap((items, input) => items.map((item, index) => passOn(item, index, input === 0 ? undefined : input)))

/** One empty item, paired with all that arrived. */
export const emptyItem = (inputs: Inputs): readonly Item[] => [
  { json: {}, pairedItem: inputs.flatMap((items, input) => entriesOf(items, input).map(({ paired }) => paired)) },
]

/** Every pair of an item of input 1 and one of input 2; the input that is preferred is the one that varies fastest in n8n's order. */
export const combineAll = (inputs: Inputs, options: JsonObject): readonly Item[] => {
  const clash = clashOf(options)
  const [first, second] = [entriesOf(inputs[0] ?? [], 0), entriesOf(inputs[1] ?? [], 1)]
  return clash.resolve === 'preferInput1'
    ? second.flatMap((b) => first.map((a) => mergePair(a, b, clash, 'preferInput2')))
    : first.flatMap((a) => second.map((b) => mergePair(a, b, clash, 'preferInput2')))
}

/** Version 2: two inputs. From 2.1 on an empty input lets the other through. */
export const combinePairs = (inputs: Inputs, options: JsonObject, typeVersion: number): readonly Item[] => {
  const [first, second] = [entriesOf(inputs[0] ?? [], 0), entriesOf(inputs[1] ?? [], 1)]
  if (typeVersion > 2 && (first.length === 0 || second.length === 0)) return [...first, ...second].map(asItem)
  const clash = clashOf(options)
  const both = Math.min(first.length, second.length)
  const paired = first.slice(0, both).map((entry, index) => mergePair(entry, second[index]!, clash, 'preferInput2'))
  return options['includeUnpaired'] === true ? [...paired, ...[...first.slice(both), ...second.slice(both)].map(asItem)] : paired
}

const preferredInput = (clash: Clash, count: number): number => {
  const chosen = Number(/^preferInput(\d+)$/.exec(clash.resolve)?.[1] ?? count)
  return Math.min(Math.max(chosen, 1), count) - 1
}

/** Version 3: any number of inputs. The preferred input is merged once more at the end, which is what makes it win. */
export const combineByPosition = (inputs: Inputs, options: JsonObject): readonly Item[] => {
  const clash = clashOf(options)
  const lists = inputs.map(entriesOf)
  const lengths = lists.map((list) => list.length)
  const count = options['includeUnpaired'] === true ? Math.max(...lengths) : Math.min(...lengths)
  const preferred = lists[preferredInput(clash, lists.length)]!
  return Array.from({ length: count }, (_, index) => {
    const entries = lists.flatMap((list, input) => {
      const entry = list[index]
      return entry === undefined ? [] : [clash.resolve === 'addSuffix' ? suffixed(entry, String(input + 1)) : entry]
    })
    return mergeEntries(preferred[index] ? [...entries, preferred[index]] : entries, clash)
  })
}

const pairsOf = async (context: NodeContext, simple: boolean): Promise<MatchOptions['pairs']> => {
  const names = simple ? asNames(await context.parameter('fieldsToMatchString', 0)) : []
  const listed = simple ? [] : asObjects(asObject(await context.parameter('mergeByFields', 0))['values'])
  const pairs = [
    ...names.map((name) => ({ field1: name, field2: name })),
    ...listed.map((pair) => ({ field1: asText(pair['field1']).trim(), field2: asText(pair['field2']).trim() })),
  ].filter((pair) => pair.field1 !== '' && pair.field2 !== '')
  if (pairs.length === 0)
    throw nodeFailure(context, 'You need to define at least one pair of fields in "Fields to Match" to match on', 'mergeByFields')
  return pairs
}

/** An input that is empty has nothing to match: the modes that keep unmatched items let the other through unchanged. */
const withOneEmpty = (inputs: Inputs, join: string, from: string): readonly Item[] => {
  const [first, second] = [entriesOf(inputs[0] ?? [], 0), entriesOf(inputs[1] ?? [], 1)]
  if (join === 'enrichInput1' || (join === 'keepNonMatches' && from === 'input1')) return first.map(asItem)
  if (join === 'enrichInput2' || (join === 'keepNonMatches' && from === 'input2')) return second.map(asItem)
  return join === 'keepMatches' ? [] : [...first, ...second].map(asItem)
}

/** @param simple one list of names for both inputs, instead of pairs of names */
export const combineByFields = async (
  context: NodeContext,
  inputs: Inputs,
  options: JsonObject,
  simple: boolean,
): Promise<readonly Item[]> => {
  const join = asText(await context.parameter('joinMode', 0))
  const from = asText(await context.parameter('outputDataFrom', 0), 'both')
  if (!Object.hasOwn(joins, join)) throw unsupported(context, `Output type "${join}"`, 'joinMode')
  const pairs = await pairsOf(context, simple)
  const oneEmpty = inputs.slice(0, 2).some((items) => items.length === 0)
  if (context.node.typeVersion > 2 && oneEmpty) return withOneEmpty(inputs, join, from)
  const match: MatchOptions = {
    pairs,
    dotNotation: options['disableDotNotation'] !== true,
    fuzzy: options['fuzzyCompare'] === true,
    firstOnly: options['multipleMatches'] === 'first',
  }
  const matches = findMatches(entriesOf(inputs[0] ?? [], 0), entriesOf(inputs[1] ?? [], 1), match)
  return joins[join]!(matches, clashOf(options), from)
}
