import type { JsonObject } from '@weconnect/contracts/json'
import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { debugHelper } from './node.ts'
import { randomKinds } from './random-data.ts'

const run = async (parameters: JsonObject, onError: 'stopWorkflow' | 'continueRegularOutput' = 'stopWorkflow') =>
  (await runNode(debugHelper, { items: itemsOf({ a: 1 }), parameters, onError })).outputs[0]!

test('fails with the message, or gives it as data when the node goes on', async () => {
  await expect(run({})).rejects.toThrow('Node has thrown an error')
  expect(await run({ throwErrorMessage: '=no {{ $json.a }}' }, 'continueRegularOutput')).toEqual([
    { json: { error: 'no 1' }, pairedItem: { item: 0 } },
  ])
})

test('does nothing', async () => {
  expect(await run({ category: 'doNothing' })).toEqual([{ json: { a: 1 }, pairedItem: { item: 0 } }])
})

test.each(Object.keys(randomKinds))('random data of type %s follows from the seed', async (randomDataType) => {
  const of = (randomDataSeed: string) => run({ category: 'randomData', randomDataType, randomDataSeed, randomDataCount: 3 })
  const made = await of('a')
  expect(made).toHaveLength(3)
  expect(made[0]!.pairedItem).toEqual({ item: 0 })
  expect(await of('a')).toEqual(made)
  expect(await of('b')).not.toEqual(made)
})

test('random data in one list, and its bounds', async () => {
  const parameters = { category: 'randomData', randomDataCount: 2, randomDataSingleArray: true }
  expect((await run(parameters))[0]!.json['generatedItems']).toHaveLength(2)
  await expect(run({ ...parameters, randomDataCount: 1e9 })).rejects.toThrow('At most 10000 items')
})

test('memory is not used up on purpose', async () => {
  await expect(run({ category: 'oom' })).rejects.toThrow('Running out of memory is not supported yet')
})
