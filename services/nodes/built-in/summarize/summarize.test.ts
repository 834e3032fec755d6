import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { summarize } from './node.ts'

const sales = itemsOf(
  { town: 'Bern', at: { year: 2024 }, sum: 10, note: 'a' },
  { town: 'Basel', at: { year: 2023 }, sum: 5, note: '' },
  { town: 'Bern', at: { year: 2023 }, sum: 1, note: 'b' },
)
const fields = (...values: readonly JsonObject[]) => ({ fieldsToSummarize: { values } })
const run = async (parameters: JsonObject, typeVersion = 1.1) =>
  (await runNode(summarize, { parameters, items: sales, typeVersion })).outputs[0]!
const jsonOf = async (parameters: JsonObject, typeVersion = 1.1) => (await run(parameters, typeVersion)).map(({ json }) => json)

test('every aggregation over all items, without empty values', async () => {
  const of = (aggregation: string, field = 'sum') => ({ aggregation, field })
  const parameters = fields(
    of('sum'),
    of('average'),
    of('min'),
    of('max'),
    of('append', 'note'),
    of('countUnique', 'town'),
    of('count', 'note'),
  )
  expect(await run(parameters)).toEqual([
    {
      json: {
        sum_sum: 16,
        average_sum: 16 / 3,
        min_sum: 1,
        max_sum: 10,
        appended_note: ['a', 'b'],
        unique_count_town: 2,
        count_note: 2,
      },
      pairedItem: [{ item: 0 }, { item: 1 }, { item: 2 }],
    },
  ])
})

test('sums and averages are of numbers alone: text, lists and nothing do not count', async () => {
  const items = itemsOf({ n: 4 }, { n: '5' }, { n: null }, { n: [6] }, { n: 2 })
  const parameters = fields({ aggregation: 'sum', field: 'n' }, { aggregation: 'average', field: 'n' })
  expect((await runNode(summarize, { parameters, items })).outputs[0]![0]!.json).toEqual({ sum_n: 6, average_n: 3 })
})

test('text is joined with the separator, empty values included on request', async () => {
  const joined = { aggregation: 'concatenate', field: 'note' }
  expect(await jsonOf(fields({ ...joined, separateBy: 'other', customSeparator: '+' }))).toEqual([{ concatenated_note: 'a+b' }])
  expect(await jsonOf(fields({ ...joined, includeEmpty: true }))).toEqual([{ concatenated_note: 'a,,b' }])
})

test('groups: an item each, or one item with all; before 1.1 their values are text and numbers ascend', async () => {
  const byYear = { ...fields({ aggregation: 'sum', field: 'sum' }), fieldsToSplitBy: 'at.year' }
  expect(await run(byYear)).toEqual([
    { json: { at_year: 2024, sum_sum: 10 }, pairedItem: [{ item: 0 }] },
    { json: { at_year: 2023, sum_sum: 6 }, pairedItem: [{ item: 1 }, { item: 2 }] },
  ])
  expect(await jsonOf(byYear, 1)).toEqual([
    { at_year: '2023', sum_sum: 6 },
    { at_year: '2024', sum_sum: 10 },
  ])
  const both = { ...byYear, fieldsToSplitBy: 'town, at.year', options: { outputFormat: 'singleItem' } }
  expect(await jsonOf(both)).toEqual([{ Bern: { 2024: { sum_sum: 10 }, 2023: { sum_sum: 1 } }, Basel: { 2023: { sum_sum: 5 } } }])
})

test('items without a value to split by are left out on request', async () => {
  const byNote = { ...fields({ field: 'sum' }), fieldsToSplitBy: 'note', options: { skipEmptySplitFields: true } }
  expect(await jsonOf(byNote)).toEqual([
    { note: 'a', count_sum: 1 },
    { note: 'b', count_sum: 1 },
  ])
})

test('a field that no item has fails before 1.1, unless told to go on', async () => {
  await expect(run(fields({ field: 'zz' }), 1)).rejects.toThrow("The field 'zz' does not exist in any items")
  expect(await jsonOf({ ...fields({ field: 'zz' }), options: { continueIfFieldNotFound: true } }, 1)).toEqual([{ count_zz: 0 }])
  expect(await jsonOf(fields({ field: 'zz' }))).toEqual([{ count_zz: 0 }])
  await expect(run(fields({ field: '' }))).rejects.toThrow('No field to summarize was given')
})
