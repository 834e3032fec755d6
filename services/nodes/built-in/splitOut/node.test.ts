import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import { runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { splitOut } from './node.ts'

const file = (data: string) => ({ data, mimeType: 'text/plain' })
const item: Item = { json: { n: 1, list: ['a', 'b', 'c'] }, binary: { one: file('MQ=='), two: file('Mg==') } }
const split = async (parameters: JsonObject) => (await runNode(splitOut, { items: [item], parameters })).outputs[0]

test('each file of an item goes into an item of its own, under its name', async () => {
  expect(await split({ fieldToSplitOut: '$binary' })).toEqual([
    { json: {}, binary: { one: file('MQ==') }, pairedItem: { item: 0 } },
    { json: {}, binary: { two: file('Mg==') }, pairedItem: { item: 0 } },
  ])
})

test('files and lists together, with the other fields', async () => {
  expect(await split({ fieldToSplitOut: 'list, $binary', include: 'allOtherFields' })).toEqual([
    { json: { n: 1, list: 'a' }, binary: { one: file('MQ==') }, pairedItem: { item: 0 } },
    { json: { n: 1, list: 'b' }, binary: { two: file('Mg==') }, pairedItem: { item: 0 } },
    { json: { n: 1, list: 'c' }, pairedItem: { item: 0 } },
  ])
})

test('an item without files gives none', async () => {
  const { outputs } = await runNode(splitOut, { items: [{ json: {} }], parameters: { fieldToSplitOut: '$binary' } })
  expect(outputs).toEqual([[]])
})
