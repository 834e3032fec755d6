import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { compareDatasets } from './node.ts'

const a = itemsOf({ id: 1, v: 'a' }, { id: 2, v: 'b', at: { x: 1, y: 1 } }, { id: 3, v: 'c' })
const b = itemsOf({ ref: 1, id: 1, v: 'a' }, { id: 2, v: 'z', at: { x: 1, y: 2 } }, { id: 2, v: 'b' }, { id: 4, v: 'd' })
const byId = { mergeByFields: { values: [{ field1: 'id', field2: 'id' }] } }
const run = async (parameters: JsonObject = {}, typeVersion = 2.3) =>
  (await runNode(compareDatasets, { inputs: [a, b], parameters: { ...byId, ...parameters }, typeVersion })).outputs

test('what is in one input only, with its pairing; a second match of the first kind counts as unmatched', async () => {
  const [onlyA, same, different, onlyB] = await run({ options: { skipFields: 'ref' } })
  expect(onlyA).toEqual([{ json: { id: 3, v: 'c' }, pairedItem: { item: 2 } }])
  expect(same).toEqual([{ json: { id: 1, v: 'a' }, pairedItem: { item: 0 } }])
  expect(different).toHaveLength(1)
  expect(onlyB!.map(({ json, pairedItem }) => [json['id'], pairedItem])).toEqual([
    [2, { item: 2, input: 1 }],
    [4, { item: 3, input: 1 }],
  ])
})

test('both versions: what is the same, what differs, what was skipped of it', async () => {
  const [, , different] = await run({ options: { skipFields: 'ref, at.y' } })
  expect(different).toEqual([
    {
      json: {
        keys: { id: 2 },
        same: { id: 2 },
        different: { v: { inputA: 'b', inputB: 'z' }, at: { inputA: { x: 1 }, inputB: { x: 1 } } },
        skipped: { at: { inputA: { y: 1 }, inputB: { y: 2 } } },
      },
      pairedItem: [{ item: 1 }, { item: 1, input: 1 }],
    },
  ])
  expect((await run({ resolve: 'includeBoth' }, 1))[2]![0]!.json['different']).toEqual({ ref: { input1: null, input2: 1 } })
})

test('one version, or a mix; version 1 takes that of the second input', async () => {
  const options = { skipFields: 'ref' }
  const versionOf = async (parameters: JsonObject, typeVersion = 2.3) =>
    (await run({ ...parameters, options }, typeVersion))[2]!.map(({ json }) => json)
  expect(await versionOf({ resolve: 'preferInput1' })).toEqual([a[1]!.json])
  expect(await versionOf({ resolve: 'preferInput2' })).toEqual([b[1]!.json])
  expect(await versionOf({}, 1)).toEqual([b[1]!.json])
  expect(await versionOf({ resolve: 'mix', exceptWhenMix: 'v' })).toEqual([{ id: 2, v: 'z', at: { x: 1, y: 1 } }])
  expect(await versionOf({ resolve: 'mix', preferWhenMix: 'input2', exceptWhenMix: 'v' })).toEqual([{ id: 2, v: 'b', at: { x: 1, y: 2 } }])
})

test('all matches; fuzzy comparison takes 3 for "3" and nothing for nothing', async () => {
  expect((await run({ options: { multipleMatches: 'all', skipFields: 'ref, at' } }))[1]).toHaveLength(2)
  const inputs = [itemsOf({ id: 3, v: '' }), itemsOf({ id: '3', v: null })]
  const outputs = (parameters: JsonObject, typeVersion: number) =>
    runNode(compareDatasets, { inputs, parameters: { ...byId, ...parameters }, typeVersion }).then((result) =>
      result.outputs.map((items) => items!.length),
    )
  expect(await outputs({}, 2.3)).toEqual([1, 0, 0, 1])
  expect(await outputs({ fuzzyCompare: true }, 2.3)).toEqual([0, 1, 0, 0])
  expect(await outputs({ options: { fuzzyCompare: true } }, 1)).toEqual([0, 1, 0, 0])
})

test('fields that cannot be matched on are told', async () => {
  await expect(run({ mergeByFields: { values: [] } })).rejects.toThrow("at least one pair of fields in 'Fields to Match'")
  await expect(run({ mergeByFields: { values: [{ field1: 'id', field2: 'zz' }] } })).rejects.toThrow(
    "Field 'zz' is not present in any of items in 'Input B'",
  )
})
