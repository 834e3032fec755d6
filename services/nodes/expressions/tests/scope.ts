import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { compileExpression } from '../expression.ts'
import { noRun } from '../run-data/no-run.ts'
import type { Scope } from '../scope.ts'

const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze)
  return value
}

/** A scope with frozen input: a test that changed it would fail. */
export const scopeOf = (json: JsonObject, more: Partial<Scope> = {}): Scope => ({
  run: noRun,
  items: freeze<Item[]>([{ json }]),
  itemIndex: 0,
  runIndex: 0,
  node: { id: 'id-1', name: 'Here', type: 'test.set', typeVersion: 2, parameters: {} },
  workflow: { id: 'w1', name: 'Flow', active: true },
  execution: { id: 'e1', mode: 'test', customData: { stage: 'gold' } },
  variables: { region: 'eu' },
  now: '2024-03-30T18:49:05.123Z',
  timezone: 'Europe/Berlin',
  random: () => 0.25,
  ...more,
})

/** The value of a parameter's text for an item. */
export const resultOf = (text: string, json: JsonObject = {}, more: Partial<Scope> = {}): JsonValue | undefined =>
  compileExpression(text).evaluate(scopeOf(json, more))
