import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { n8nTrainingCustomerMessenger } from './node.ts'

test('a message for each item', async () => {
  const parameters = { customerId: '={{ $json.id }}', message: 'hello' }
  expect((await runNode(n8nTrainingCustomerMessenger, { items: itemsOf({ id: 7 }), parameters })).outputs).toEqual([
    [{ json: { output: 'Sent message to customer 7:  hello' }, pairedItem: { item: 0 } }],
  ])
})
