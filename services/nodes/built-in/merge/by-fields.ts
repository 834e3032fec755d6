import type { Item } from '@weconnect/contracts/items'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { fieldOf } from '../../parameters/paths.ts'
import { asItem, type Clash, type Entry, mergePair, suffixed } from './clash.ts'

export interface MatchOptions {
  readonly pairs: readonly { readonly field1: string; readonly field2: string }[]
  readonly dotNotation: boolean
  readonly fuzzy: boolean
  readonly firstOnly: boolean
}
export interface Matches {
  readonly matched: readonly { readonly entry: Entry; readonly matches: readonly Entry[] }[]
  readonly matchedSecond: readonly Entry[]
  readonly unmatchedFirst: readonly Entry[]
  readonly unmatchedSecond: readonly Entry[]
}

const canonical = (value: JsonValue, fuzzy: boolean): JsonValue => {
  if (Array.isArray(value)) return value.map((member: JsonValue) => canonical(member, fuzzy))
  if (isJsonObject(value))
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, member]) => [key, canonical(member ?? null, fuzzy)]),
    )
  return fuzzy ? String(value ?? '') : value
}

/** Text that is equal for entries that match; undefined when a field is missing. */
const keyOf = (json: JsonObject, fields: readonly string[], { dotNotation, fuzzy }: MatchOptions): string | undefined => {
  const values = fields.map((field) => fieldOf(json, field, dotNotation))
  return values.some((value) => value === undefined) ? undefined : JSON.stringify(values.map((value) => canonical(value!, fuzzy)))
}

const indexed = (entries: readonly Entry[], fields: readonly string[], options: MatchOptions): ReadonlyMap<string, readonly Entry[]> => {
  const index = new Map<string, Entry[]>()
  for (const entry of entries) {
    const key = keyOf(entry.item.json, fields, options)
    if (key === undefined) continue
    const same = index.get(key)
    if (same) same.push(entry)
    else index.set(key, [entry])
  }
  return index
}

/** Pairs entries whose fields are equal, in linear time. */
export const findMatches = (first: readonly Entry[], second: readonly Entry[], options: MatchOptions): Matches => {
  const fields1 = options.pairs.map((pair) => pair.field1)
  const index = indexed(
    second,
    options.pairs.map((pair) => pair.field2),
    options,
  )
  const used = new Set<Entry>()
  const matched: { entry: Entry; matches: readonly Entry[] }[] = []
  const unmatchedFirst: Entry[] = []
  for (const entry of first) {
    const key = keyOf(entry.item.json, fields1, options)
    const all = (key === undefined ? undefined : index.get(key)) ?? []
    const matches = options.firstOnly ? all.slice(0, 1) : all
    for (const match of matches) used.add(match)
    if (matches.length > 0) matched.push({ entry, matches })
    else unmatchedFirst.push(entry)
  }
  return { matched, matchedSecond: second.filter((e) => used.has(e)), unmatchedFirst, unmatchedSecond: second.filter((e) => !used.has(e)) }
}

const mergedMatches = ({ matched }: Matches, clash: Clash, fallback: 'preferInput1' | 'preferInput2'): readonly Item[] =>
  matched.flatMap(({ entry, matches }) => matches.map((match) => mergePair(entry, match, clash, fallback)))

const single = (entries: readonly Entry[], clash: Clash, suffix: string): readonly Item[] =>
  entries.map((entry) => asItem(clash.resolve === 'addSuffix' ? suffixed(entry, suffix) : entry))

const marked = (entries: readonly Entry[], source: string): readonly Item[] =>
  entries.map(asItem).map((item) => ({ ...item, json: { ...item.json, _source: source } }))

type Join = (matches: Matches, clash: Clash, from: string) => readonly Item[]

const keepMatches: Join = (matches, clash, from) => {
  if (from === 'input1') return matches.matched.map(({ entry }) => asItem(entry))
  return from === 'input2' ? matches.matchedSecond.map(asItem) : mergedMatches(matches, clash, 'preferInput2')
}
const keepNonMatches: Join = ({ unmatchedFirst, unmatchedSecond }, _clash, from) => {
  if (from === 'input1') return unmatchedFirst.map(asItem)
  return from === 'input2' ? unmatchedSecond.map(asItem) : [...marked(unmatchedFirst, 'input1'), ...marked(unmatchedSecond, 'input2')]
}

/** What each output type gives, by its name. */
export const joins: Readonly<Record<string, Join>> = {
  keepMatches,
  keepNonMatches,
  keepEverything: (matches, clash) => [
    ...mergedMatches(matches, clash, 'preferInput2'),
    ...single(matches.unmatchedFirst, clash, '1'),
    ...single(matches.unmatchedSecond, clash, '2'),
  ],
  enrichInput1: (matches, clash) => [...mergedMatches(matches, clash, 'preferInput2'), ...single(matches.unmatchedFirst, clash, '1')],
  enrichInput2: (matches, clash) => [...mergedMatches(matches, clash, 'preferInput1'), ...single(matches.unmatchedSecond, clash, '2')],
}
