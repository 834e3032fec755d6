import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import type { NodeType } from '../sdk/node.ts'
import { aggregate } from './aggregate/node.ts'
import { limit } from './limit/node.ts'
import { sort } from './sort/node.ts'
import { splitOut } from './splitOut/node.ts'
import { stopAndError } from './stopAndError/node.ts'

const items = itemsOf({ n: 2, s: 'b', l: [1, 2] }, { n: 1, s: 'A', l: [3] })
const outputOf = async (type: NodeType, parameters: JsonObject, given = items) =>
  (await runNode(type, { items: given, parameters })).outputs[0]!
const jsonOf = async (type: NodeType, parameters: JsonObject, given = items) =>
  (await outputOf(type, parameters, given)).map((item) => item.json)

test('aggregate: fields into lists, renamed, merged, with what is missing', async () => {
  const fields = (...names: readonly JsonObject[]) => ({ fieldsToAggregate: { fieldToAggregate: names } })
  expect(
    await jsonOf(aggregate, fields({ fieldToAggregate: 'n' }, { fieldToAggregate: 's', renameField: true, outputFieldName: 't' })),
  ).toEqual([{ n: [2, 1], t: ['b', 'A'] }])
  expect(await jsonOf(aggregate, { ...fields({ fieldToAggregate: 'l' }), options: { mergeLists: true } })).toEqual([{ l: [1, 2, 3] }])
  const gaps = itemsOf({ a: 1 }, { a: null }, {})
  expect(await jsonOf(aggregate, fields({ fieldToAggregate: 'a' }), gaps)).toEqual([{ a: [1] }])
  expect(await jsonOf(aggregate, { ...fields({ fieldToAggregate: 'a' }), options: { keepMissing: true } }, gaps)).toEqual([
    { a: [1, null, null] },
  ])
  await expect(jsonOf(aggregate, fields({ fieldToAggregate: 'a' }, { fieldToAggregate: 'b.a' }))).rejects.toThrow('used more than once')
})

test('aggregate: whole items into one list, paired with all', async () => {
  const [item] = await outputOf(aggregate, { aggregate: 'aggregateAllItemData', include: 'specifiedFields', fieldsToInclude: 'n' })
  expect(item).toEqual({ json: { data: [{ n: 2 }, { n: 1 }] }, pairedItem: [{ item: 0 }, { item: 1 }] })
})

test('split out: an item per member, alone or with other fields', async () => {
  expect(await outputOf(splitOut, { fieldToSplitOut: 'l' })).toEqual([
    { json: { l: 1 }, pairedItem: { item: 0 } },
    { json: { l: 2 }, pairedItem: { item: 0 } },
    { json: { l: 3 }, pairedItem: { item: 1 } },
  ])
  expect((await jsonOf(splitOut, { fieldToSplitOut: 'l', include: 'selectedOtherFields', fieldsToInclude: 'n' }))[0]).toEqual({
    n: 2,
    l: 1,
  })
  expect(await jsonOf(splitOut, { fieldToSplitOut: 'o' }, itemsOf({ o: [{ a: 1 }] }))).toEqual([{ a: 1 }])
})

test('limit keeps the first or the last', async () => {
  expect(await jsonOf(limit, {})).toEqual([items[0]!.json])
  expect(await jsonOf(limit, { keep: 'lastItems' })).toEqual([items[1]!.json])
})

test('sort by several fields, text without case', async () => {
  const by = (...fields: readonly JsonObject[]) => ({ sortFieldsUi: { sortField: fields } })
  expect((await jsonOf(sort, by({ fieldName: 's', order: 'ascending' }))).map((json) => json['s'])).toEqual(['A', 'b'])
  expect((await jsonOf(sort, by({ fieldName: 'n', order: 'descending' }))).map((json) => json['n'])).toEqual([2, 1])
  await expect(jsonOf(sort, by({ fieldName: 'zz' }))).rejects.toThrow("Couldn't find the field 'zz' in the input data")
  await expect(jsonOf(sort, { type: 'code' })).rejects.toThrow("doesn't return")
})

test('stop and error fails with the message or that of the object', async () => {
  await expect(jsonOf(stopAndError, { errorMessage: '=no {{ $json.n }}' })).rejects.toThrow('no 2')
  await expect(jsonOf(stopAndError, { errorType: 'errorObject', errorObject: '{"message": "gone"}' })).rejects.toThrow('gone')
})
