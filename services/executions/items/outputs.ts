import type { Item, Outputs, PackedItem, PackedOutputs } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'

/** Items that a step was given, by input. */
export type Inputs = readonly (readonly Item[])[]

type Place = readonly [input: number, index: number]

const isPairedWith = (item: Item, input: number, index: number): boolean => {
  const paired = item.pairedItem
  if (typeof paired === 'number') return input === 0 && paired === index
  if (typeof paired !== 'object' || !('item' in paired) || paired.sourceOverwrite) return false
  return paired.item === index && (paired.input ?? 0) === input
}

const reference = (item: Item, input: number, index: number): PackedItem => {
  if (!isPairedWith(item, input, index)) {
    return item.pairedItem === undefined ? { from: [input, index] } : { from: [input, index], pairedItem: item.pairedItem }
  }
  return input === 0 ? index : [input, index]
}

/** Where an item says that it comes from, when that is one place. */
const originOf = ({ pairedItem }: Item): Place | undefined => {
  if (typeof pairedItem === 'number') return [0, pairedItem]
  if (typeof pairedItem !== 'object' || !('item' in pairedItem) || pairedItem.sourceOverwrite) return undefined
  return [pairedItem.input ?? 0, pairedItem.item]
}

/** Where each json object of the inputs stands, the last where it stands twice. */
const placesOf = (inputs: Inputs): Map<unknown, Place> => {
  const places = new Map<unknown, Place>()
  for (const [input, items] of inputs.entries()) for (const [index, item] of items.entries()) places.set(item.json, [input, index])
  return places
}

/** Looking through so many inputs costs less than a map of them. */
const fewSearches = 8

const searchIn = (inputs: Inputs, json: unknown): Place | undefined => {
  for (let input = inputs.length - 1; input >= 0; input--) {
    const index = inputs[input]!.findLastIndex((item) => item.json === json)
    if (index >= 0) return [input, index]
  }
  return undefined
}

/** Finds json objects among the inputs, for items that do not say where they come from. */
const placeFinder = (inputs: Inputs): ((json: unknown) => Place | undefined) => {
  let searches = 0
  let places: Map<unknown, Place> | undefined
  return (json) => {
    if (places === undefined && searches++ < fewSearches) return searchIn(inputs, json)
    places ??= placesOf(inputs)
    return places.get(json)
  }
}

/** Writes outputs with references to the inputs, as contracts/items.ts describes. */
export const packOutputs = (outputs: Outputs, inputs: Inputs): PackedOutputs => {
  const isSingle = inputs.length === 1 && inputs[0]?.length === 1
  const placeOf = placeFinder(inputs)
  const pack = (item: Item, index: number): PackedItem => {
    if (item.error !== undefined) return item
    const same = inputs[0]?.[index]
    if (same && same.json === item.json && same.binary === item.binary) return reference(item, 0, index)
    if (isSingle && item.json !== inputs[0]?.[0]?.json) return item
    const origin = originOf(item)
    const place = origin ?? placeOf(item.json)
    if (!place || inputs[place[0]]?.[place[1]]?.json !== item.json || inputs[place[0]]?.[place[1]]?.binary !== item.binary) return item
    return reference(item, place[0], place[1])
  }
  return outputs.map((items) => (items === null ? null : items.map(pack)))
}

const paired = (item: Item, input: number, index: number): Item => {
  const pairedItem = input === 0 ? { item: index } : { item: index, input }
  return item.binary === undefined ? { json: item.json, pairedItem } : { json: item.json, binary: item.binary, pairedItem }
}

const unpackItem = (packed: PackedItem, inputs: Inputs): Item => {
  if (typeof packed === 'number') return paired(inputAt(inputs, 0, packed), 0, packed)
  if (Array.isArray(packed)) return paired(inputAt(inputs, packed[0], packed[1]), packed[0], packed[1])
  if (!('from' in packed)) return packed as Item
  const { json, binary } = inputAt(inputs, packed.from[0], packed.from[1])
  return { json, ...(binary && { binary }), ...(packed.pairedItem !== undefined && { pairedItem: packed.pairedItem }) }
}

const erased: Item = { json: { $erased: true } }
const inputAt = (inputs: Inputs, input: number, index: number): Item => inputs[input]?.[index] ?? erased

const isReference = (item: PackedItem): boolean => typeof item === 'number' || Array.isArray(item) || 'from' in item

/** Whether nothing but references is in it, so that it holds nothing of the user's. */
export const isPassedOn = (packed: PackedOutputs): boolean => packed.every((items) => items === null || items.every(isReference))

/** More references than this are kept as items are: in a payload, which may go to the blob store. In the event itself they would not fit. */
const mostInEvent = 2_000

/** Whether the event itself can hold the references. */
export const fitsInEvent = (packed: PackedOutputs): boolean =>
  packed.reduce((count, items) => count + (items?.length ?? 0), 0) <= mostInEvent

/** Whether the inputs are needed to read it. */
export const refersToInputs = (packed: JsonValue | undefined): boolean =>
  Array.isArray(packed) && (packed as unknown as PackedOutputs).some((items) => items?.some(isReference))

/** The inverse of packOutputs. A reference into an erased payload gives `{json: {$erased: true}}`. */
export const unpackOutputs = (packed: JsonValue | undefined, counts: readonly number[], inputs: Inputs): Outputs => {
  if (packed === undefined) return counts.map((count) => (count < 0 ? null : []))
  if (!Array.isArray(packed)) return counts.map((count) => (count < 0 ? null : Array.from({ length: count }, () => erased)))
  return (packed as unknown as PackedOutputs).map((items) => (items === null ? null : items.map((item) => unpackItem(item, inputs))))
}

export const countsOf = (outputs: Outputs): number[] => outputs.map((items) => items?.length ?? -1)
