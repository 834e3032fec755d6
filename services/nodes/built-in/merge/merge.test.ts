import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, type NodeRun, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { merge, mergeSecond } from './node.ts'

const people = itemsOf({ id: 1, name: 'Ada' }, { id: 2, name: 'Bob' })
const mails = itemsOf({ id: 2, mail: 'b@x' }, { id: 2, mail: 'bob@x' }, { id: 3, mail: 'c@x' })
const merged = async (parameters: JsonObject, inputs: NodeRun['inputs'] = [people, mails]) =>
  (await runNode(merge, { inputs, parameters })).outputs[0]!.map((item) => item.json)
const byId = { mode: 'combine', fieldsToMatchString: 'id' }

test('append passes every item on, as it is', async () => {
  const { outputs } = await runNode(merge, { inputs: [people, mails] })
  expect(outputs[0]!.map((item) => item.json)).toEqual([...people, ...mails].map((item) => item.json))
  expect(outputs[0]![2]).toEqual({ json: mails[0]!.json, pairedItem: { item: 0, input: 1 } })
  expect(outputs[0]![2]!.json).toBe(mails[0]!.json)
})

test('matching fields: one item per match, or for the first match only', async () => {
  expect(await merged(byId)).toEqual([
    { id: 2, name: 'Bob', mail: 'b@x' },
    { id: 2, name: 'Bob', mail: 'bob@x' },
  ])
  expect(await merged({ ...byId, options: { multipleMatches: 'first' } })).toEqual([{ id: 2, name: 'Bob', mail: 'b@x' }])
})

test('numbers match their text only when the comparison is fuzzy', async () => {
  const inputs = [itemsOf({ id: 1, a: 1 }), itemsOf({ id: '1', b: 2 })]
  expect(await merged(byId, inputs)).toEqual([])
  expect(await merged({ ...byId, options: { fuzzyCompare: true } }, inputs)).toEqual([{ id: '1', a: 1, b: 2 }])
})

test('non-matches say where they are from', async () => {
  expect(await merged({ ...byId, joinMode: 'keepNonMatches' })).toEqual([
    { id: 1, name: 'Ada', _source: 'input1' },
    { id: 3, mail: 'c@x', _source: 'input2' },
  ])
})

test('clashes: the preferred input wins, nested objects are merged', async () => {
  const inputs = [itemsOf({ id: 1, o: { a: 1, c: 1 } }), itemsOf({ id: 1, o: { b: 2, c: 2 } })]
  const clash = (resolveClash: string, mergeMode = 'deepMerge') => ({
    ...byId,
    options: { clashHandling: { values: { resolveClash, mergeMode } } },
  })
  expect(await merged(byId, inputs)).toEqual([{ id: 1, o: { a: 1, b: 2, c: 2 } }])
  expect(await merged(clash('preferInput1'), inputs)).toEqual([{ id: 1, o: { a: 1, b: 2, c: 1 } }])
  expect(await merged(clash('preferInput2', 'shallowMerge'), inputs)).toEqual([{ id: 1, o: { b: 2, c: 2 } }])
})

test('by position: unpaired items are left out unless they are asked for', async () => {
  const inputs = [itemsOf({ a: 1 }, { a: 2 }), itemsOf({ b: 1 })]
  expect(await merged({ mode: 'combine', combineBy: 'combineByPosition' }, inputs)).toEqual([{ a: 1, b: 1 }])
  expect(await merged({ mode: 'combine', combineBy: 'combineByPosition', options: { includeUnpaired: true } }, inputs)).toEqual([
    { a: 1, b: 1 },
    { a: 2 },
  ])
})

test('all combinations', async () => {
  const inputs = [itemsOf({ a: 1 }, { a: 2 }), itemsOf({ b: 1 }, { b: 2 })]
  expect(await merged({ mode: 'combine', combineBy: 'combineAll' }, inputs)).toEqual([
    { a: 1, b: 1 },
    { a: 1, b: 2 },
    { a: 2, b: 1 },
    { a: 2, b: 2 },
  ])
})

test('choosing a branch needs every input', async () => {
  expect(await merged({ mode: 'chooseBranch', useDataOfInput: 2 })).toEqual(mails.map((item) => item.json))
  expect(merge.requiredInputs?.({ mode: 'chooseBranch', numberInputs: 3 }, 3)).toBe(3)
  expect(mergeSecond.requiredInputs?.({ mode: 'combine' }, 2.1)).toBe(1)
})

test('data cannot reach a prototype by being merged', async () => {
  const evil = JSON.parse('{"id": 1, "__proto__": {"polluted": true}}') as JsonObject
  await merged(byId, [itemsOf({ id: 1 }), itemsOf(evil)])
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test('missing fields are refused', async () => {
  await expect(merged({ mode: 'combine' })).rejects.toThrow('at least one pair of fields')
})
