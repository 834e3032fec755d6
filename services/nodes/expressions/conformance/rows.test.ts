import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { compileExpression } from '../expression.ts'
import { Facade } from '../values.ts'
import notYet from './not-yet.json' with { type: 'json' }
import { scopeOfRow } from './row-scope.ts'
import { type Row, readRows, rowsArePresent } from './rows.ts'
import { normalized, tagged } from './tagged.ts'

const upToLine = (message: string) => message.split(' [line')[0]

type Outcome = { readonly value: unknown } | { readonly message: string | undefined }

const outcomeOf = (row: Row): Outcome => {
  const scope = scopeOfRow(row)
  try {
    const compiled = compileExpression(row.expression)
    const value = compiled.evaluateValue(scope)
    return { value: tagged(value instanceof Facade ? compiled.evaluate(scope) : value) }
  } catch (error) {
    return { message: upToLine((error as Error).message) }
  }
}

const passes = (row: Row, outcome: Outcome): boolean => {
  if ('message' in outcome && row.version_dependent !== undefined) return outcome.message?.includes('security concerns') === true
  if (row.throws !== undefined) return 'message' in outcome && outcome.message === upToLine(row.throws.message)
  return 'value' in outcome && isDeepStrictEqual(outcome.value, normalized(row.expected))
}

if (!rowsArePresent) console.warn('No conformance data beside the repository: its expression rows are skipped')

describe.each(['expression', 'expression-with-run'] as const)('conformance rows of %s', (kind) => {
  test.skipIf(!rowsArePresent)('exactly the listed ones do not pass yet', () => {
    const rows = readRows(kind)
    const failing = rows.filter((row) => !passes(row, outcomeOf(row)))
    if (process.env['ROWS'] !== undefined)
      for (const row of failing) console.log(row.id, row.expression, outcomeOf(row), row.expected ?? row.throws)
    console.info(`${kind}: ${rows.length - failing.length} of ${rows.length} rows pass`)
    expect(failing.map((row) => row.id).sort()).toEqual([...notYet[kind]].sort())
  })
})
