import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, type NodeRun, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { set } from './node.ts'

const assign = (...fields: readonly (readonly [name: string, value: unknown, type?: string])[]): JsonObject => ({
  assignments: { assignments: fields.map(([name, value, type = 'string']) => ({ id: name, name, value, type })) } as unknown as JsonObject,
})
const jsonOf = async (run: NodeRun) => (await runNode(set, run)).outputs[0]!.map((item) => item.json)

test('sets fields in place of the input, or beside it', async () => {
  const items = itemsOf({ a: 1 })
  expect(await jsonOf({ items, parameters: assign(['b', 'x']) })).toEqual([{ b: 'x' }])
  expect(await jsonOf({ items, parameters: { ...assign(['b', 'x']), includeOtherFields: true } })).toEqual([{ a: 1, b: 'x' }])
})

test('the input item is not changed, not even below a path', async () => {
  const items = itemsOf({ a: { b: 1 } })
  expect(await jsonOf({ items, parameters: { ...assign(['a.c', 'x']), includeOtherFields: true } })).toEqual([{ a: { b: 1, c: 'x' } }])
  expect(items).toEqual([{ json: { a: { b: 1 } } }])
})

test('selected fields and all except', async () => {
  const items = itemsOf({ a: 1, b: { c: 2, d: 3 } })
  const include = (more: JsonObject) => jsonOf({ items, parameters: { ...assign(), includeOtherFields: true, ...more } })
  expect(await include({ include: 'selected', includeFields: 'b.c' })).toEqual([{ b: { c: 2 } }])
  expect(await include({ include: 'except', excludeFields: 'a, b.c' })).toEqual([{ b: { d: 3 } }])
})

test('a value of the wrong type fails with the field and the item', async () => {
  const run = { items: itemsOf({}, {}), parameters: assign(['n', '={{ $itemIndex ? "abc" : 1 }}', 'number']) }
  await expect(jsonOf(run)).rejects.toThrow("'n' expects a number but we got 'abc' [item 1]")
  expect(await jsonOf({ ...run, onError: 'continueRegularOutput' })).toEqual([
    { n: 1 },
    { error: "'n' expects a number but we got 'abc' [item 1]" },
  ])
})

test('an expression that fails for one item fails that item only, when the node goes on', async () => {
  const items = itemsOf({ v: 'a' }, { v: null })
  const run: NodeRun = { items, parameters: assign(['u', '={{ $json.v ?? $("Nowhere").first() }}']), onError: 'continueRegularOutput' }
  const [first, second] = await jsonOf(run)
  expect(first).toEqual({ u: 'a' })
  expect(second).toHaveProperty('error')
})

test('JSON mode takes objects into its text', async () => {
  const items = itemsOf({ user: { name: 'Ada' }, n: 1 })
  const parameters = { mode: 'raw', jsonOutput: '={ "user": {{ $json.user }}, "text": "n is {{ $json.n }}" }' }
  expect(await jsonOf({ items, parameters })).toEqual([{ user: { name: 'Ada' }, text: 'n is 1' }])
  await expect(jsonOf({ items, parameters: { mode: 'raw', jsonOutput: '[1]' } })).rejects.toThrow('does not contain a valid JSON object')
  await expect(jsonOf({ items, parameters: { mode: 'raw', jsonOutput: '{' } })).rejects.toThrow('contains invalid JSON')
})

test('an unknown mode is refused', async () => {
  await expect(jsonOf({ parameters: { mode: 'magic' } })).rejects.toMatchObject({ code: 'NODE_FAILED' })
})
