import type { BinaryData, Item, PairedItem } from '@weconnect/contracts/items'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { asObject, asText } from '../per-item.ts'

/** An item that knows where it came from. */
export interface Entry {
  readonly item: Item
  readonly paired: PairedItem
}
export interface Clash {
  /** `addSuffix`, `preferInput1`, `preferInput2` ..., `preferLast`, or empty for the mode's own default. */
  readonly resolve: string
  readonly shallow: boolean
  /** An empty value does not replace one that is there. */
  readonly keepFilled: boolean
}

export const clashOf = (options: JsonObject): Clash => {
  const values = asObject(asObject(options['clashHandling'])['values'])
  return {
    resolve: asText(values['resolveClash']),
    shallow: values['mergeMode'] === 'shallowMerge',
    keepFilled: values['overrideEmpty'] === true,
  }
}

export const entriesOf = (items: readonly Item[], input: number): readonly Entry[] =>
  items.map((item, index) => ({ item, paired: input === 0 ? { item: index } : { item: index, input } }))

/** The entry with every field named after its input: `a_1`. */
export const suffixed = ({ item, paired }: Entry, suffix: string): Entry => ({
  item: { ...item, json: Object.fromEntries(Object.entries(item.json).map(([key, value]) => [`${key}_${suffix}`, value])) },
  paired,
})

const isEmpty = (value: JsonValue | undefined): boolean => value === undefined || value === null || value === ''

const mergedValue = (into: JsonValue | undefined, value: JsonValue | undefined, clash: Clash): JsonValue | undefined => {
  if (value === undefined || (clash.keepFilled && isEmpty(value) && !isEmpty(into))) return into
  if (clash.shallow) return value
  if (isJsonObject(into) && isJsonObject(value)) return mergedObject(into, value, clash)
  if (Array.isArray(into) && Array.isArray(value)) return mergedList(into as readonly JsonValue[], value as readonly JsonValue[], clash)
  return value
}

const mergedList = (into: readonly JsonValue[], list: readonly JsonValue[], clash: Clash): JsonValue =>
  Array.from({ length: Math.max(into.length, list.length) }, (_, index) => mergedValue(into[index], list[index], clash) ?? null)

const mergedObject = (into: JsonObject, object: JsonObject, clash: Clash): JsonObject => {
  const merged: Record<string, JsonValue | undefined> = { ...into }
  for (const [key, value] of Object.entries(object)) {
    if (key !== '__proto__') merged[key] = Object.hasOwn(into, key) ? mergedValue(into[key], value, clash) : value
  }
  return merged
}

/** One item of several entries: later ones win, and it is paired with all of them. */
export const mergeEntries = (entries: readonly Entry[], clash: Clash): Item => {
  const json = entries.map(({ item }) => item.json).reduce((into, object) => mergedObject(into, object, clash), {})
  const binary = Object.assign({}, ...entries.map(({ item }) => item.binary ?? {})) as Record<string, BinaryData>
  const pairedItem = entries.map(({ paired }) => paired)
  return { json, ...(Object.keys(binary).length > 0 ? { binary } : {}), pairedItem }
}

/** One item of an entry of input 1 and one of input 2, as the clash setting says; `fallback` is what it means when nothing is set. */
export const mergePair = (first: Entry, second: Entry, clash: Clash, fallback: 'preferInput1' | 'preferInput2'): Item => {
  const resolve = clash.resolve === '' ? fallback : clash.resolve
  if (resolve === 'addSuffix') return mergeEntries([suffixed(first, '1'), suffixed(second, '2')], clash)
  return mergeEntries(resolve === 'preferInput1' ? [second, first] : [first, second], clash)
}

export const asItem = ({ item, paired }: Entry): Item => ({
  json: item.json,
  ...(item.binary ? { binary: item.binary } : {}),
  pairedItem: paired,
})
