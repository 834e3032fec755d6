import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { renameKeys } from './node.ts'

const items = itemsOf({ first: 1, 'a.b': 2, deep: { first: 3, list: [{ FIRST: 4 }] } })
const run = async (parameters: JsonObject, given = items) =>
  (await runNode(renameKeys, { items: given, parameters })).outputs[0]!.map(({ json }) => json)
const names = (...key: readonly JsonObject[]) => ({ keys: { key } })
const pattern = (searchRegex: string, replaceRegex: string, options: JsonObject = {}) => ({
  additionalOptions: { regexReplacement: { replacements: [{ searchRegex, replaceRegex, options }] } },
})

test('by name and by path; what is not there changes nothing', async () => {
  expect(await run(names({ currentKey: 'first', newKey: 'one' }, { currentKey: 'deep.first', newKey: 'three' }))).toEqual([
    { one: 1, 'a.b': 2, three: 3, deep: { list: [{ FIRST: 4 }] } },
  ])
  expect(await run(names({ currentKey: 'a.b', newKey: 'ab' }, { currentKey: 'zz', newKey: 'x' }))).toEqual([
    { first: 1, ab: 2, deep: items[0]!.json['deep'] },
  ])
})

test('by pattern: to any depth, or to the one given, with or without case', async () => {
  expect(await run(pattern('^fi(.*)$', 'x_$1'))).toEqual([{ x_rst: 1, 'a.b': 2, deep: { x_rst: 3, list: [{ FIRST: 4 }] } }])
  expect(await run(pattern('^first$', 'x', { depth: 0 }))).toEqual([{ x: 1, 'a.b': 2, deep: items[0]!.json['deep'] }])
  expect(await run(pattern('a', 'b'), itemsOf({ aa: 1 }))).toEqual([{ ba: 1 }])
  expect(await run(pattern('first', 'x', { caseInsensitive: true }))).toEqual([{ x: 1, 'a.b': 2, deep: { x: 3, list: [{ x: 4 }] } }])
})

test('a name that reaches a prototype stays data', async () => {
  const [json] = await run(pattern('^first$', '__proto__', { depth: 0 }), itemsOf({ first: { polluted: true } }))
  expect(Object.getPrototypeOf(json)).toBe(Object.prototype)
  expect(await run(names({ currentKey: 'first', newKey: '__proto__.polluted' }), itemsOf({ first: 1 }))).toEqual([{}])
  expect(({} as JsonObject)['polluted']).toBeUndefined()
})

test('a broken pattern and one that takes exponential time fail', async () => {
  await expect(run(pattern('(', 'x'))).rejects.toThrow('Invalid regular expression')
  await expect(run(pattern('^(?=(a+)+$)\\1b', 'x'), itemsOf({ ['a'.repeat(5000)]: 1 }))).rejects.toThrow(/exponential|may only meet/)
})
