import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { main, noPorts } from '../../sdk/ports.ts'
import { choice, json, show, text } from '../../sdk/property.ts'
import { asText, nodeFailure } from '../per-item.ts'

const parsed = (context: NodeContext, value: JsonValue | undefined): JsonValue => {
  if (typeof value !== 'string') return value ?? null
  try {
    return JSON.parse(value) as JsonValue
  } catch {
    throw nodeFailure(context, "The 'Error Object' is not valid JSON", 'errorObject', 0)
  }
}

const described = (value: JsonValue): string => {
  if (!isJsonObject(value)) return asText(value)
  return asText(value['message'] ?? value['description'] ?? value['error'], `Error: ${JSON.stringify(value)}`)
}

/** Fails with the user's own message. */
export const stopAndError: NodeType = {
  definition: {
    name: 'n8n-nodes-base.stopAndError',
    displayName: 'Stop and Error',
    description: 'Throw an error in the workflow',
    category: 'flow',
    color: '#ff0000',
    versions: [1],
    properties: [
      choice(
        'Error Type',
        'errorType',
        [
          ['Error Message', 'errorMessage'],
          ['Error Object', 'errorObject'],
        ],
        'errorMessage',
      ),
      text('Error Message', 'errorMessage', '', { required: true, ...show({ errorType: ['errorMessage'] }) }),
      json('Error Object', 'errorObject', '', { required: true, ...show({ errorType: ['errorObject'] }) }),
    ],
    inputs: main,
    outputs: noPorts,
    effects: 'pure',
  },
  execute: async (context) => {
    if ((await context.parameter('errorType', 0)) !== 'errorObject')
      throw nodeFailure(context, asText(await context.parameter('errorMessage', 0)), undefined, 0)
    const value = parsed(context, await context.parameter('errorObject', 0))
    throw new WeConnectError('NODE_FAILED', described(value), { cause: value })
  },
  validate: () => [],
}
