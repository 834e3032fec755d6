import type { Item } from '@weconnect/contracts/items'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { afterAll, expect, test } from 'vitest'
import { openCodeRunners } from '../../code/runners.ts'
import { noRun } from '../../expressions/run-data/no-run.ts'
import type { CodeRequest, NodeType } from '../../sdk/node.ts'
import { functionNode } from '../function/node.ts'
import { functionItem } from './node.ts'

const after = (milliseconds: number, call: () => void) => {
  const timer = setTimeout(call, milliseconds)
  return () => clearTimeout(timer)
}
const runners = openCodeRunners({ after, now: () => performance.now(), size: 1 })
afterAll(() => runners.close())

const absent = () => {
  throw new Error('there are no other nodes')
}
const runWith = (items: readonly Item[]) => (request: CodeRequest) =>
  runners.run({
    ...request,
    organisationId: 'o1',
    scope: {
      run: { ...noRun, outputOf: absent },
      items,
      runIndex: 0,
      node: { id: 'n1', name: 'F', type: 'n8n-nodes-base.function', typeVersion: 1, parameters: { note: 'seen' } },
      workflow: { id: 'w1', name: 'Shop', active: true },
      execution: { id: 'e1', mode: 'test', customData: {} },
      variables: {},
      now: '2024-01-02T03:04:05.678Z',
      timezone: 'UTC',
      random: () => 0.25,
    },
  })
const two = itemsOf({ n: 1 }, { n: 2 })
const run = async (type: NodeType, functionCode: string, onError: 'stopWorkflow' | 'continueRegularOutput' = 'stopWorkflow') =>
  (await runNode(type, { items: two, parameters: { functionCode }, code: runWith(two), onError })).outputs[0]!
const dataOf = (items: readonly Item[]) => items.map((item) => item.json)

test('function: all items at once, plain objects become items, undeclared names are allowed', async () => {
  expect(dataOf(await run(functionNode, 'items[0].json.m = 3; return items'))).toEqual([{ n: 1, m: 3 }, { n: 2 }])
  expect(dataOf(await run(functionNode, 'sum = items.length; return { sum, note: getNodeParameter("note") }'))).toEqual([
    { sum: 2, note: 'seen' },
  ])
  expect(dataOf(await run(functionNode, 'items = [{ json: { own: 1 } }]; return items'))).toEqual([{ own: 1 }])
})

test('function: no result and a thrown error fail, with the line of the user', async () => {
  await expect(run(functionNode, 'const a = 1')).rejects.toThrow('No data got returned. Always return an Array of items!')
  await expect(run(functionNode, '\nthrow new Error("bad")')).rejects.toThrow('bad [line 2]')
  expect(dataOf(await run(functionNode, 'throw new Error("bad")', 'continueRegularOutput'))).toEqual([{ error: 'bad [line 1]' }])
})

test('function item: the data of each item, with an index', async () => {
  expect(await run(functionItem, 'item.twice = item.n * 2; item.at = index; return item')).toEqual([
    { json: { n: 1, twice: 2, at: 0 }, pairedItem: { item: 0 } },
    { json: { n: 2, twice: 4, at: 1 }, pairedItem: { item: 1 } },
  ])
})

test('function item: binary data is set, names may be declared anew, lines are those of the user', async () => {
  const code =
    'const entry = getBinaryData() ?? "none"; setBinaryData({ data: { data: "aGk=", mimeType: "text/plain" } }); return { entry }'
  expect((await run(functionItem, code))[0]).toEqual({
    json: { entry: 'none' },
    binary: { data: { data: 'aGk=', mimeType: 'text/plain' } },
    pairedItem: { item: 0 },
  })
  await expect(run(functionItem, '\n\nthrow new Error("bad")')).rejects.toThrow('bad [line 3, for item 0]')
})

test('function item: an item without a result fails alone when the node goes on', async () => {
  await expect(run(functionItem, 'return null')).rejects.toThrow('Always an object has to be returned! [item 0]')
  const code = 'if (item.n === 1) throw new Error("one"); return item'
  expect(dataOf(await run(functionItem, code, 'continueRegularOutput'))).toEqual([{ error: 'one [line 1, for item 0]' }, { n: 2 }])
})
