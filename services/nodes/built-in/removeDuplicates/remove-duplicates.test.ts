import type { JsonObject } from '@weconnect/contracts/json'
import type { MemoryRequest } from '@weconnect/contracts/memory'
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

/** What the node asks its memory, and what comes of an answer that keeps these. */
const asking = async (parameters: JsonObject, kept: readonly number[] = [], items = people) => {
  const requests: MemoryRequest[] = []
  const remember = async (request: MemoryRequest) => {
    requests.push(request)
    return { kept }
  }
  const { outputs } = await runNode(removeDuplicates, { parameters, items, remember })
  return { requests, outputs: outputs.map((output) => output?.map(({ json, pairedItem }) => [json['id'], pairedItem])) }
}
const seenBefore = { operation: 'removeItemsSeenInPreviousExecutions' }

test('items that are new come out first, those that were seen before second, each paired with itself', async () => {
  const { requests, outputs } = await asking({ ...seenBefore, dedupeValue: '={{ $json.id }}' }, [1])
  expect(requests).toEqual([{ kind: 'compare', scope: 'node', by: 'value', values: [1, 2, 1], size: 10_000 }])
  expect(outputs).toEqual([
    [[2, { item: 1 }]],
    [
      [1, { item: 0 }],
      [1, { item: 2 }],
    ],
  ])
})

test.each([
  ['removeItemsUpToStoredIncrementalKey', { incrementalDedupeValue: '={{ "1" + $json.id }}' }, 'number', [11, 12, 11]],
  ['removeItemsUpToStoredDate', { dateDedupeValue: '=2026-03-0{{ $json.id }}T10:00:00' }, 'time', [1, 2, 1].map(midMarch)],
] as const)('%s: each way to compare has a field of its own', async (logic, value, by, values) => {
  const { requests } = await asking({ ...seenBefore, logic, ...value, options: { scope: 'workflow' } })
  expect(requests).toEqual([{ kind: 'compare', scope: 'workflow', by, values, size: 10_000 }])
})
/** Ten o'clock in the zone of the workflow. */
function midMarch(day: number): number {
  return Date.UTC(2026, 2, day, 15)
}

test('values that cannot be compared are told, with their item', async () => {
  const byNumber = { ...seenBefore, logic: 'removeItemsUpToStoredIncrementalKey', incrementalDedupeValue: '={{ $json.at.town }}' }
  await expect(asking(byNumber)).rejects.toThrow('Value to Dedupe On is not a number in item 0')
  const byDate = { ...seenBefore, logic: 'removeItemsUpToStoredDate', dateDedupeValue: '={{ $json.at.town }}' }
  await expect(asking(byDate)).rejects.toThrow('Value to Dedupe On is not an ISO 8601 date in item 0')
  await expect(asking({ ...seenBefore, dedupeValue: '={{ $json.none }}' })).rejects.toThrow('Value to Dedupe On is not a value in item 0')
  await expect(asking({ ...seenBefore, dedupeValue: 'x', options: { historySize: 0 } })).rejects.toThrow('History Size')
  await expect(asking({ ...seenBefore, dedupeValue: 'x', logic: 'toString' })).rejects.toThrow('"toString" is no way')
})

test('clearing the history leaves the items alone', async () => {
  const { requests, outputs } = await asking({ operation: 'clearDeduplicationHistory', options: { scope: 'workflow' } })
  expect(requests).toEqual([{ kind: 'clear', scope: 'workflow' }])
  expect(outputs).toEqual([[1, 2, 1].map((id, item) => [id, { item }])])
})

test('only what looks across executions reaches outside of one', () => {
  expect(removeDuplicates.reachesOutside?.({})).toBe(false)
  expect(removeDuplicates.reachesOutside?.({ operation: 'removeDuplicateInputItems' })).toBe(false)
  expect(removeDuplicates.reachesOutside?.({ operation: '={{ $json.operation }}' })).toBe(true)
})

test('items seen before have an output of their own', () => {
  expect(removeDuplicates.outputCount?.({ operation: 'removeItemsSeenInPreviousExecutions' }, 2)).toBe(2)
  expect(removeDuplicates.outputCount?.({}, 2)).toBe(1)
})
