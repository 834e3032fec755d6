import type { JsonValue } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { itemOfReturn, itemsOfReturn } from './items.ts'
import { code } from './node.ts'

test.each<[JsonValue, unknown]>([
  [{ a: 1 }, [{ json: { a: 1 } }]],
  [
    [{ a: 1 }, { b: 2 }],
    [{ json: { a: 1 } }, { json: { b: 2 } }],
  ],
  [{ json: { a: 1 } }, [{ json: { a: 1 } }]],
  [[{ json: { a: 1 }, pairedItem: 0 }], [{ json: { a: 1 }, pairedItem: 0 }]],
  [[], []],
])('%j becomes items', (returned, items) => {
  expect(itemsOfReturn(returned)).toEqual(items)
})

test.each<[JsonValue | undefined, string]>([
  [undefined, "Code doesn't return items properly"],
  [null, "Code doesn't return items properly"],
  ['text', "Code doesn't return items properly"],
  [[1], "Code doesn't return items properly"],
  [{ json: 'test' }, "A 'json' property isn't an object [item 0]"],
  [[{ json: {} }, { json: {}, extra: 1 }], 'Unknown top-level item key: extra [item 1]'],
])('%j is no list of items', (returned, message) => {
  expect(() => itemsOfReturn(returned)).toThrow(expect.objectContaining({ code: 'CODE_FAILED', message }))
})

test('for each item: an object, or null to drop it', () => {
  expect(itemOfReturn({ a: 1 }, 3)).toEqual({ json: { a: 1 }, pairedItem: { item: 3 } })
  expect(itemOfReturn(null, 3)).toBeUndefined()
  expect(() => itemOfReturn([{ a: 1 }], 3)).toThrow("Code doesn't return a single object [item 3]")
  expect(() => itemOfReturn(7, 3)).toThrow("Code doesn't return an object [item 3]")
})

test('items that failed become their errors when the node goes on', async () => {
  const run = {
    items: itemsOf({}, {}),
    parameters: { mode: 'runOnceForEachItem', jsCode: 'x' },
    onError: 'continueRegularOutput' as const,
    code: () => ({ value: undefined, perItem: [{ value: { ok: true } }, { error: 'boom' }], logs: [] }),
  }
  expect((await runNode(code, run)).outputs).toEqual([
    [
      { json: { ok: true }, pairedItem: { item: 0 } },
      { json: { error: 'boom' }, pairedItem: { item: 1 } },
    ],
  ])
})

test('code that fails for all items at once gives its error alone, which stands for none of them', async () => {
  const run = { items: itemsOf({}, {}), parameters: { jsCode: 'x' }, onError: 'continueRegularOutput' as const }
  const fails = () => {
    throw new Error('boom')
  }
  expect((await runNode(code, { ...run, code: fails })).outputs).toEqual([[{ json: { error: 'boom' } }]])
})

test('Python is refused', async () => {
  await expect(runNode(code, { parameters: { language: 'python' } })).rejects.toThrow('not supported yet')
})
