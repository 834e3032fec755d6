import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { itemLists } from './node.ts'

const items = itemsOf({ n: 2, s: 'b', l: [1, 2] }, { n: 1, s: 'a', l: [3] }, { n: 2, s: 'a', l: [] })
const run = async (parameters: JsonObject, typeVersion: number) =>
  (await runNode(itemLists, { items, parameters, typeVersion })).outputs[0]!.map(({ json }) => json)
/** Names of fields as each version writes them. */
const fieldNames = (typeVersion: number, ...names: readonly string[]) =>
  typeVersion < 3 ? { fields: names.map((fieldName) => ({ fieldName })) } : names.join(', ')

test.each(itemLists.definition.versions)('version %d does every operation', async (version) => {
  expect(await run({ fieldToSplitOut: 'l', include: 'selectedOtherFields', fieldsToInclude: fieldNames(version, 'n') }, version)).toEqual([
    { n: 2, l: 1 },
    { n: 2, l: 2 },
    { n: 1, l: 3 },
  ])
  const aggregation = version < 3 ? 'aggregateItems' : 'concatenateItems'
  const all = { operation: aggregation, aggregate: 'aggregateAllItemData', include: 'allFieldsExcept' }
  expect(await run({ ...all, fieldsToExclude: fieldNames(version, 'l', 's') }, version)).toEqual([{ data: [{ n: 2 }, { n: 1 }, { n: 2 }] }])
  expect(await run({ operation: 'limit', maxItems: 1, keep: 'lastItems' }, version)).toEqual([items[2]!.json])
  const byN = { operation: 'removeDuplicates', compare: 'selectedFields', fieldsToCompare: fieldNames(version, 'n') }
  expect(await run({ ...byN, options: { removeOtherFields: true } }, version)).toEqual([{ n: 2 }, { n: 1 }])
  const byS = { operation: 'sort', sortFieldsUi: { sortField: [{ fieldName: 's', order: 'ascending' }] } }
  expect((await run(byS, version)).map(({ s }) => s)).toEqual(['a', 'a', 'b'])
  const sum = { operation: 'summarize', fieldsToSummarize: { values: [{ aggregation: 'sum', field: 'n' }] }, fieldsToSplitBy: 'n' }
  expect(await run(sum, version)).toEqual([
    { n: '1', sum_n: 1 },
    { n: '2', sum_n: 4 },
  ])
})

test('types may differ between items from version 3.1 on', async () => {
  const mixed = itemsOf({ a: 1 }, { a: '1' })
  const parameters = { operation: 'removeDuplicates' }
  await expect(runNode(itemLists, { items: mixed, parameters, typeVersion: 3 })).rejects.toThrow("'a' isn't always the same type")
  expect((await runNode(itemLists, { items: mixed, parameters, typeVersion: 3.1 })).outputs[0]).toHaveLength(2)
})

test('an unknown operation is refused by name', async () => {
  await expect(run({ operation: 'shuffle' }, 3)).rejects.toThrow('Operation "shuffle" is not supported yet')
})
