import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { ifNode } from './node.ts'

const when = (
  leftValue: JsonValue,
  type: string,
  operation: string,
  rightValue: JsonValue,
  options: JsonObject = { typeValidation: 'strict' },
): JsonObject => ({
  conditions: {
    options: { caseSensitive: true, ...options },
    combinator: 'and',
    conditions: [{ leftValue, rightValue, operator: { type, operation } }],
  },
})

test('items are sorted by their condition, and passed on as they are', async () => {
  const items = itemsOf({ n: 1 }, { n: 9 })
  const { outputs } = await runNode(ifNode, { items, parameters: when('={{ $json.n }}', 'number', 'gt', 5) })
  expect(outputs[0]).toEqual([{ json: { n: 9 }, pairedItem: { item: 1 } }])
  expect(outputs[1]).toEqual([{ json: { n: 1 }, pairedItem: { item: 0 } }])
  expect(outputs[0]![0]!.json).toBe(items[1]!.json)
})

test('strict comparison fails on a wrong type; a node that goes on takes it as false', async () => {
  const run = { items: itemsOf({ n: 'x' }), parameters: when('={{ $json.n }}', 'number', 'equals', 5) }
  await expect(runNode(ifNode, run)).rejects.toThrow("Wrong type: 'x' is a string but was expecting a number [condition 0, item 0]")
  const { outputs } = await runNode(ifNode, { ...run, onError: 'continueRegularOutput' })
  expect(outputs.map((list) => list?.length)).toEqual([0, 1])
})

test('an operation that is not known is refused', async () => {
  await expect(runNode(ifNode, { parameters: when(1, 'number', 'resembles', 2) })).rejects.toMatchObject({ code: 'NODE_FAILED' })
})
