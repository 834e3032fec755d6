import { existsSync, readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { DateTime, Settings } from 'luxon'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { displayParameter } from './display.ts'
import { validateFieldType } from './field-type.ts'
import { getNodeParameters } from './fill.ts'
import { executeFilter } from './filter.ts'

/** Rows that do not pass yet: one that passes after all, or another that fails, fails this file. */
const pending = new Set<string>([])

type Face = (...args: never[]) => unknown
const faces: Readonly<Record<string, Face>> = { getNodeParameters, displayParameter, validateFieldType, executeFilter } as Record<
  string,
  Face
>

const folder = new URL('../../../../shared/conformance/dev/expressions/', import.meta.url)

/** Turns the tagged values of the rows into what they stand for. */
const untag = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(untag)
  if (typeof value !== 'object' || value === null) return value
  const tags = value as Record<string, unknown>
  if ('$undefined' in tags) return undefined
  if ('$number' in tags) return Number(tags['$number'])
  if ('$date' in tags) return new Date(String(tags['$date']))
  if ('$datetime' in tags) return DateTime.fromISO(String(tags['$datetime']), { zone: String(tags['zone'] ?? 'UTC') })
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, untag(member)]))
}

/** Dates compare by instant and zone, and an absent member equals an undefined one. */
const comparable = (value: unknown): unknown => {
  if (DateTime.isDateTime(value)) return { instant: value.toMillis(), zone: value.zoneName }
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [key, comparable(member)]),
  )
}

interface Row {
  readonly id: string
  readonly test: string
  readonly args: readonly unknown[]
  readonly expected?: unknown
  readonly throws?: { readonly message: string }
}

const outcome = (kind: string, row: Row): unknown => {
  try {
    return comparable(faces[kind]!(...(untag(row.args) as never[])))
  } catch (error) {
    return { throws: (error as Error).message }
  }
}
const wanted = (row: Row): unknown => (row.throws ? { throws: row.throws.message } : comparable(untag(row.expected)))

describe.each(Object.keys(faces))('conformance rows of %s', (kind) => {
  const file = new URL(`${kind}.jsonl`, folder)
  if (!existsSync(file)) {
    console.warn(`conformance rows are absent: ${kind} is skipped`)
    test.skip('rows are absent', () => {})
    return
  }
  const zone = Settings.defaultZone
  beforeAll(() => {
    Settings.defaultZone = 'America/New_York'
  })
  afterAll(() => {
    Settings.defaultZone = zone
  })
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row)
  test.each(rows.map((row) => [row.id, row.test, row] as const))('%s %s', (id, _name, row) => {
    const actual = outcome(kind, row)
    if (pending.has(id)) expect(isDeepStrictEqual(actual, wanted(row)), 'this row passes now: take it off the list').toBe(false)
    else expect(actual).toEqual(wanted(row))
  })
})
