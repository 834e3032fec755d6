import { WeConnectError } from '@weconnect/contracts/errors'
import type { Item } from '@weconnect/contracts/items'
import { isJsonObject } from '@weconnect/contracts/json'
import type { CodeReturn, NodeContext, NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { notice, text } from '../../sdk/property.ts'
import { requestsByName } from '../code/requests.ts'
import { asObject, asText, continues, failedItem } from '../per-item.ts'

/**
 * The user's text in a function of its own, so that it may declare names of its own; it begins on the first line, so that the lines
 * in errors are the user's. `item` is the data of the item, not the item.
 */
const wrapped = (code: string): string =>
  `const entry = { binary: $input.item.binary }; Object.assign(globalThis, { item: $input.item.json, index: $itemIndex, ${[
    'getNodeParameter: (name) => $parameter[name]',
    'getBinaryData: () => entry.binary',
    'setBinaryData: (binary) => { entry.binary = binary }',
    'setBinaryDataAsync: async (binary) => { entry.binary = binary }',
    'getBinaryDataAsync: async () => entry.binary',
  ].join(', ')} }); entry.json = await (async () => {${code}\n})(); return entry`

const itemOf = (returned: CodeReturn, index: number): Item => {
  if ('error' in returned) return failedItem(returned.error, index)
  const { json, binary } = asObject(returned.value)
  if (json === undefined || json === null)
    throw new WeConnectError('CODE_FAILED', `No data got returned. Always an object has to be returned! [item ${index}]`)
  if (!isJsonObject(json)) throw new WeConnectError('CODE_FAILED', `Code doesn't return an object [item ${index}]`)
  return {
    json,
    ...(isJsonObject(binary) ? { binary: binary as unknown as NonNullable<Item['binary']> } : {}),
    pairedItem: { item: index },
  }
}

const itemOrError = (context: NodeContext, returned: CodeReturn, index: number): Item => {
  try {
    return itemOf(returned, index)
  } catch (error) {
    if (!continues(context)) throw error
    return failedItem(error, index)
  }
}

/** Runs the user's JavaScript once for each item, with its data as `item`: what Code was before. */
export const functionItem: NodeType = {
  definition: {
    name: 'n8n-nodes-base.functionItem',
    displayName: 'Function Item',
    description: 'Run custom function code which gets executed once per item',
    category: 'core',
    color: '#ddbb33',
    versions: [1],
    properties: [
      notice('A newer version of this node is available: the Code node', 'notice'),
      text('JavaScript Code', 'functionCode', 'return item;', { noDataExpression: true }),
    ],
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => {
    const code = wrapped(asText(await context.rawParameter('functionCode')))
    const onItemError = continues(context) ? 'keep' : 'stop'
    const { perItem = [] } = await context.runCode({ language: 'javaScript', mode: 'runOnceForEachItem', code, onItemError })
    return [perItem.map((returned, index) => itemOrError(context, returned, index))]
  },
  reachesOutside: (parameters) => requestsByName.test(asText(parameters['functionCode'])),
  validate: () => [],
}
