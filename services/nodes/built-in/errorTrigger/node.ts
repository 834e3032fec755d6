import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeType } from '../../sdk/node.ts'
import { main, noPorts } from '../../sdk/ports.ts'
import { notice } from '../../sdk/property.ts'
import { startingItems } from '../starting-items.ts'

/** What an error workflow is given, for trying one out by hand; the shape is that of n8n's documentation. */
const example: JsonObject = {
  execution: {
    id: '231',
    url: 'https://example.com/execution/231',
    retryOf: '34',
    error: { message: 'Example Error Message', stack: 'Stacktrace' },
    lastNodeExecuted: 'Node With Error',
    mode: 'manual',
  },
  workflow: { id: '1', name: 'Example Workflow' },
}

/** Starts a workflow when another one fails that names it as its error workflow. */
export const errorTrigger: NodeType = {
  definition: {
    name: 'n8n-nodes-base.errorTrigger',
    displayName: 'Error Trigger',
    description: 'Triggers the workflow when another workflow has an error',
    category: 'trigger',
    color: '#0000FF',
    versions: [1],
    properties: [notice('This node starts the workflow when another one fails that has it as its error workflow', 'notice')],
    inputs: noPorts,
    outputs: main,
    isTrigger: true,
    effects: 'pure',
  },
  execute: async (context) => [await startingItems(context, async () => example)],
  validate: () => [],
}
