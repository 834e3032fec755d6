import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { switchNode } from './node.ts'

const rule = (rightValue: string): JsonObject => ({
  conditions: {
    options: { caseSensitive: true, typeValidation: 'strict' },
    combinator: 'and',
    conditions: [{ leftValue: '={{ $json.k }}', rightValue, operator: { type: 'string', operation: 'contains' } }],
  },
})
const items = itemsOf({ k: 'a' }, { k: 'ab' }, { k: 'z' })
const routed = async (parameters: JsonObject) =>
  (await runNode(switchNode, { items, parameters })).outputs.map((list) => list?.map((item) => item.json['k']))
const rules = { values: [rule('a'), rule('b')] }

test('an item goes to the first rule that holds, or is dropped', async () => {
  expect(await routed({ rules })).toEqual([['a', 'ab'], []])
})

test('an item may go to all outputs that match', async () => {
  expect(await routed({ rules, options: { allMatchingOutputs: true } })).toEqual([['a', 'ab'], ['ab']])
})

test('the fallback is an output of its own, or one of the others', async () => {
  expect(await routed({ rules, options: { fallbackOutput: 'extra' } })).toEqual([['a', 'ab'], [], ['z']])
  expect(await routed({ rules, options: { fallbackOutput: 1 } })).toEqual([['a', 'ab'], ['z']])
  expect(switchNode.outputCount?.({ rules, options: { fallbackOutput: 'extra' } }, 3.2)).toBe(3)
})

test('in expression mode an output that does not exist is an error', async () => {
  expect(await routed({ mode: 'expression', numberOutputs: 3, output: '={{ $itemIndex }}' })).toEqual([['a'], ['ab'], ['z']])
  await expect(routed({ mode: 'expression', numberOutputs: 2, output: '={{ $itemIndex }}' })).rejects.toThrow(
    'The output 2 is not allowed. It has to be between 0 and 1!',
  )
})
