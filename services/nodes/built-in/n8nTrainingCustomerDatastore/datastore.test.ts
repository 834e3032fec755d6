import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { n8nTrainingCustomerDatastore } from './node.ts'

const names = async (parameters: object, items = itemsOf({})) =>
  (await runNode(n8nTrainingCustomerDatastore, { items, parameters: { ...parameters } })).outputs[0]!.map(({ json, pairedItem }) => [
    json['name'],
    pairedItem,
  ])

test('one customer, some, or all, for each item', async () => {
  expect(await names({}, itemsOf({}, {}))).toEqual([
    ['Jay Gatsby', { item: 0 }],
    ['Jay Gatsby', { item: 1 }],
  ])
  expect(await names({ operation: 'getAllPeople', limit: 2 })).toHaveLength(2)
  expect(await names({ operation: 'getAllPeople', returnAll: true })).toHaveLength(5)
})
