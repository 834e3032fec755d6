import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { valueAt } from '../../parameters/paths.ts'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { asText, passOn, unsupported } from '../per-item.ts'
import { asItem, type Clash, entriesOf, mergeEntries } from './clash.ts'
import { append, type Inputs } from './combine.ts'
import { firstDefinition } from './definition.ts'

type Mode = (inputs: Inputs, context: NodeContext) => Promise<readonly Item[]>

const shallow: Clash = { resolve: '', shallow: true, keepFilled: false }
const inputOf = (inputs: Inputs, input: number): readonly Item[] => inputs[input] ?? []

const mergeByIndex: Mode = async (inputs, context) => {
  const [first, second] = [entriesOf(inputOf(inputs, 0), 0), entriesOf(inputOf(inputs, 1), 1)]
  const join = asText(await context.parameter('join', 0))
  const most = Math.max(first.length, second.length)
  const count = join === 'inner' ? Math.min(first.length, second.length) : join === 'outer' ? most : first.length
  return Array.from({ length: count }, (_, index) => {
    const entries = [first[index], second[index]].filter((entry) => entry !== undefined)
    return entries.length === 1 ? asItem(entries[0]!) : mergeEntries(entries, shallow)
  })
}

const multiplex: Mode = async (inputs) => {
  const [first, second] = [entriesOf(inputOf(inputs, 0), 0), entriesOf(inputOf(inputs, 1), 1)]
  return first.flatMap((a) => second.map((b) => mergeEntries([a, b], shallow)))
}

/** Items of input 2 by the text of their key; the last one of a key counts. */
const secondByKey = async (inputs: Inputs, context: NodeContext): Promise<ReadonlyMap<string, Item>> => {
  const name = asText(await context.parameter('propertyName2', 0))
  return new Map(inputOf(inputs, 1).flatMap((item) => keyed(valueAt(item.json, name)).map((key) => [key, item] as const)))
}
const keyed = (value: JsonValue | undefined): readonly string[] => (value === undefined || value === null ? [] : [JSON.stringify(value)])

const matching =
  (keep: boolean): Mode =>
  async (inputs, context) => {
    const second = await secondByKey(inputs, context)
    const name = asText(await context.parameter('propertyName1', 0))
    const found = (item: Item) => keyed(valueAt(item.json, name)).some((key) => second.has(key))
    return inputOf(inputs, 0)
      .map((item, index) => passOn(item, index))
      .filter((item) => found(item) === keep)
  }

const replaces: Readonly<Record<string, (json: JsonObject, key: string) => boolean>> = {
  always: () => true,
  blank: (json, key) => json[key] === undefined || json[key] === null || json[key] === '',
  undefined: (json, key) => !Object.hasOwn(json, key),
}

const mergeByKey: Mode = async (inputs, context) => {
  const second = await secondByKey(inputs, context)
  const name = asText(await context.parameter('propertyName1', 0))
  const replace = replaces[asText(await context.parameter('overwrite', 0))] ?? replaces['always']!
  return inputOf(inputs, 0).map((item, index) => {
    const match = keyed(valueAt(item.json, name)).map((key) => second.get(key))[0]
    if (!match) return passOn(item, index)
    const taken = Object.entries(match.json).filter(([key]) => replace(item.json, key))
    return { ...item, json: { ...item.json, ...Object.fromEntries(taken) }, pairedItem: { item: index } }
  })
}

const passThrough: Mode = async (inputs, context) => {
  const input = (await context.parameter('output', 0)) === 'input2' ? 1 : 0
  return inputOf(inputs, input).map((item, index) => passOn(item, index, input === 0 ? undefined : input))
}

const modes: Readonly<Record<string, Mode>> = {
  append: async (inputs) => append(inputs),
  keepKeyMatches: matching(true),
  removeKeyMatches: matching(false),
  mergeByIndex,
  mergeByKey,
  multiplex,
  passThrough,
  wait: async () => [{ json: {} }],
}

/** Merge, version 1. */
export const mergeFirst: NodeType = {
  definition: firstDefinition,
  execute: async (context) => {
    const mode = asText(await context.parameter('mode', 0))
    if (!Object.hasOwn(modes, mode)) throw unsupported(context, `Mode "${mode}"`, 'mode')
    return [await modes[mode]!([await context.items(0), await context.items(1)], context)]
  },
  validate: () => [],
}
