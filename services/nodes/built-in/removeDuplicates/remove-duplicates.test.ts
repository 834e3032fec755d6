import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { removeDuplicates, removeDuplicatesClassic } from './node.ts'

const people = itemsOf(
  { id: 1, at: { town: 'Bern', street: 'A' } },
  { id: 2, at: { street: 'A', town: 'Bern' } },
  { id: 1, at: { town: 'Bern', street: 'B' } },
)
const kept = async (parameters: JsonObject, items = people) =>
  (await runNode(removeDuplicates, { parameters, items })).outputs[0]!.map(({ json, pairedItem }) => [json['id'], pairedItem])

test('the first of equal items stays, paired with itself; member order does not count', async () => {
  expect(await kept({})).toHaveLength(3)
  expect(await kept({ compare: 'allFieldsExcept', fieldsToExclude: 'id' })).toEqual([
    [1, { item: 0 }],
    [1, { item: 2 }],
  ])
  expect(await kept({ compare: 'selectedFields', fieldsToCompare: 'at.town' })).toEqual([[1, { item: 0 }]])
})

test('a whole object is compared or left out by its name', async () => {
  expect(await kept({ compare: 'selectedFields', fieldsToCompare: 'at' })).toEqual([
    [1, { item: 0 }],
    [1, { item: 2 }],
  ])
  expect(await kept({ compare: 'allFieldsExcept', fieldsToExclude: 'at' })).toHaveLength(2)
})

test('other fields are removed on request', async () => {
  const parameters = { compare: 'selectedFields', fieldsToCompare: 'at.street', options: { removeOtherFields: true } }
  expect((await runNode(removeDuplicates, { parameters, items: people })).outputs[0]).toEqual([
    { json: { at: { street: 'A' } }, pairedItem: { item: 0 } },
    { json: { at: { street: 'B' } }, pairedItem: { item: 1 } },
  ])
})

test('what cannot be compared is told', async () => {
  await expect(kept({}, itemsOf({ id: 1 }, { x: 1 }))).rejects.toThrow("'id' field is missing from some input items")
  await expect(kept({ compare: 'selectedFields' })).rejects.toThrow('No fields specified')
  const mixed = itemsOf({ id: 1 }, { id: '1' })
  await expect(runNode(removeDuplicatesClassic, { typeVersion: 1, items: mixed })).rejects.toThrow("'id' isn't always the same type")
  expect((await runNode(removeDuplicatesClassic, { typeVersion: 1.1, items: mixed })).outputs[0]).toHaveLength(2)
})

test.each(['removeItemsSeenInPreviousExecutions', 'clearDeduplicationHistory'])('%s is refused', async (operation) => {
  await expect(kept({ operation })).rejects.toThrow('Remembering items across executions is not supported yet')
})

test('items seen before have an output of their own', () => {
  expect(removeDuplicates.outputCount?.({ operation: 'removeItemsSeenInPreviousExecutions' }, 2)).toBe(2)
  expect(removeDuplicates.outputCount?.({}, 2)).toBe(1)
})
