import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { executionData } from './node.ts'

test('keeps the values of every item, cut to their lengths, and passes the items', async () => {
  const values = [
    { key: 'order', value: '={{ $json.id }}' },
    { key: 'k'.repeat(60), value: 'v'.repeat(600) },
    { key: '', value: 'nowhere' },
  ]
  const kept: Record<string, string>[] = []
  const { outputs } = await runNode(executionData, {
    items: itemsOf({ id: 1 }, { id: 2 }),
    parameters: { dataToSave: { values } },
    customData: (data) => kept.push(data),
  })
  expect(outputs[0]!.map(({ json, pairedItem }) => [json, pairedItem])).toEqual([
    [{ id: 1 }, { item: 0 }],
    [{ id: 2 }, { item: 1 }],
  ])
  expect(kept).toEqual([
    { order: '1', ['k'.repeat(50)]: 'v'.repeat(512) },
    { order: '2', ['k'.repeat(50)]: 'v'.repeat(512) },
  ])
})
