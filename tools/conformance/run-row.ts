import { isDeepStrictEqual } from 'node:util'
import { compileExpression } from '@weconnect/nodes/expressions/expression'
import { displayParameter } from '@weconnect/nodes/parameters/display'
import { validateFieldType } from '@weconnect/nodes/parameters/field-type'
import { getNodeParameters } from '@weconnect/nodes/parameters/fill'
import { executeFilter } from '@weconnect/nodes/parameters/filter'
import { DateTime, Duration, Interval, Settings } from 'luxon'
import { type Difference, upToLine } from './compare.ts'
import type { Fixture, Row, RowKind } from './row.ts'
import { scopeOfRow } from './row-scope.ts'
import { isPlain, normalized, tagged, untagged } from './tagged.ts'

type Outcome = { readonly value: unknown } | { readonly throws: string }
type Face = (...args: never[]) => unknown

const functions = { getNodeParameters, displayParameter, validateFieldType, executeFilter } as unknown as Readonly<Record<string, Face>>

/** Whether the notation of the rows can say it; a view of the run (`$input`) becomes its data first. */
const isNotable = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  Array.isArray(value) ||
  isPlain(value) ||
  value instanceof Date ||
  value instanceof RegExp ||
  value instanceof Error ||
  DateTime.isDateTime(value) ||
  Duration.isDuration(value) ||
  Interval.isInterval(value)

const evaluate = (row: Row, fixtures: (name: string) => Fixture): unknown => {
  const scope = scopeOfRow(row, fixtures)
  const compiled = compileExpression(row.expression)
  const value = compiled.evaluateValue(scope)
  return isNotable(value) ? value : compiled.evaluate(scope)
}

/** The functions take the zone of a workflow from luxon's settings in n8n; here only while a row runs. */
const callInZone = (face: Face, args: readonly unknown[]): unknown => {
  const zone = Settings.defaultZone
  Settings.defaultZone = 'America/New_York'
  try {
    return face(...(untagged(args) as never[]))
  } finally {
    Settings.defaultZone = zone
  }
}

const outcomeOf = (kind: RowKind, row: Row, fixtures: (name: string) => Fixture): Outcome => {
  try {
    const face = functions[kind]
    return { value: normalized(tagged(face ? callInZone(face, row.args ?? []) : evaluate(row, fixtures))) }
  } catch (error) {
    return { throws: upToLine((error as Error).message) }
  }
}

const wantedOf = ({ throws, expected }: Row): Outcome =>
  throws === undefined ? { value: normalized(expected) } : { throws: upToLine(throws.message) }

/** Of a row whose result depends on n8n's version, a refusal is right as well. */
const isRefused = (row: Row, outcome: Outcome): boolean =>
  row.version_dependent !== undefined && 'throws' in outcome && outcome.throws.includes('security concerns')

/** Evaluates an expression, or calls a function, and compares what came of it with what n8n gives. */
export const runRow = (kind: RowKind, row: Row, fixtures: (name: string) => Fixture): readonly Difference[] => {
  const [actual, expected] = [outcomeOf(kind, row, fixtures), wantedOf(row)]
  if (isRefused(row, actual) || isDeepStrictEqual(actual, expected)) return []
  return [{ where: row.expression ?? `${kind}(${JSON.stringify(row.args)})`, expected, actual }]
}
