import { WeConnectError } from '@weconnect/contracts/errors'
import type { Item } from '@weconnect/contracts/items'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { notice, text } from '../../sdk/property.ts'
import { itemsOfReturn } from '../code/items.ts'
import { requestsByName } from '../code/requests.ts'
import { asText, continues, failedRun } from '../per-item.ts'

/** In front of the user's first line, so that the lines in errors are the user's. */
const before = 'globalThis.getNodeParameter = (name) => $parameter[name];'

const run = async (context: NodeContext): Promise<readonly Item[]> => {
  const code = before + asText(await context.rawParameter('functionCode'))
  const { value } = await context.runCode({ language: 'javaScript', mode: 'runOnceForAllItems', code })
  if (value === undefined || value === null)
    throw new WeConnectError('CODE_FAILED', 'No data got returned. Always return an Array of items!')
  return itemsOfReturn(value)
}

/** Runs the user's JavaScript once, with all `items`: what Code was before. */
export const functionNode: NodeType = {
  definition: {
    name: 'n8n-nodes-base.function',
    displayName: 'Function',
    description: 'Run custom function code which gets executed once and allows you to add, remove, change and replace items',
    category: 'core',
    color: '#FF9922',
    versions: [1],
    properties: [
      notice('A newer version of this node is available: the Code node', 'notice'),
      text('JavaScript Code', 'functionCode', 'return items;', { noDataExpression: true }),
    ],
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => {
    try {
      return [await run(context)]
    } catch (error) {
      if (!continues(context)) throw error
      return [[failedRun(error)]]
    }
  },
  reachesOutside: (parameters) => requestsByName.test(asText(parameters['functionCode'])),
  validate: () => [],
}
