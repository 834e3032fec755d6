import type { Item } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import { fieldOf } from '../../parameters/paths.ts'

export interface Entry {
  readonly item: Item
  readonly index: number
}
/** Items that are equal in the fields to split by, with their values there. */
export interface Group {
  readonly values: readonly (JsonValue | undefined)[]
  readonly entries: readonly Entry[]
}
export interface Grouping {
  readonly dotNotation: boolean
  /** Values become text, and whole numbers come first, ascending: as before version 1.1. */
  readonly asText: boolean
  /** Items without a value in a field to split by count nowhere. */
  readonly skipEmpty: boolean
}

const isWhole = (text: string): boolean => /^(0|[1-9]\d{0,9})$/.test(text)

/** Groups in the order in which they first appear. */
const split = (entries: readonly Entry[], field: string, { dotNotation, asText, skipEmpty }: Grouping) => {
  const groups = new Map<string, { value: JsonValue | undefined; entries: Entry[] }>()
  for (const entry of entries) {
    const value = fieldOf(entry.item.json, field, dotNotation)
    if (skipEmpty && (value === undefined || value === null || value === '')) continue
    const key = asText
      ? typeof value === 'object' && value !== null
        ? JSON.stringify(value)
        : String(value)
      : JSON.stringify(value ?? null)
    const group = groups.get(key) ?? { value: asText ? key : value, entries: [] }
    group.entries.push(entry)
    groups.set(key, group)
  }
  const all = [...groups.values()]
  if (!asText) return all
  const whole = all.filter(({ value }) => isWhole(String(value))).sort((a, b) => Number(a.value) - Number(b.value))
  return [...whole, ...all.filter(({ value }) => !isWhole(String(value)))]
}

/** Splits by the first field, each part by the second, and so on. */
export const groupBy = (entries: readonly Entry[], [field, ...rest]: readonly string[], grouping: Grouping): readonly Group[] => {
  if (field === undefined) return [{ values: [], entries }]
  return split(entries, field, grouping).flatMap(({ value, entries: members }) =>
    groupBy(members, rest, grouping).map((group) => ({ values: [value, ...group.values], entries: group.entries })),
  )
}
