import type { NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { text } from '../../sdk/property.ts'
import { eachItem } from '../each-item.ts'
import { asText } from '../per-item.ts'

/** Pretends to send a message to a customer: part of n8n's training workflows. */
export const n8nTrainingCustomerMessenger: NodeType = {
  definition: {
    name: 'n8n-nodes-base.n8nTrainingCustomerMessenger',
    displayName: 'Customer Messenger (n8n training)',
    description: 'Dummy node used for n8n training',
    category: 'core',
    versions: [1],
    properties: [text('Customer ID', 'customerId', '', { required: true }), text('Message', 'message', '', { required: true })],
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => [
    await eachItem(context, ['customerId', 'message'], (_item, index, read) => ({
      json: { output: `Sent message to customer ${asText(read('customerId', index))}:  ${asText(read('message', index))}` },
      pairedItem: { item: index },
    })),
  ],
  validate: () => [],
}
