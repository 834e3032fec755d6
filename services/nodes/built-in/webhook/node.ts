import type { NodeType } from '../../sdk/node.ts'
import { definition } from './definition.ts'
import { describeWebhook, methodsOf, validateWebhook } from './describe.ts'

const outputCount = (parameters: Parameters<typeof methodsOf>[0], typeVersion: number): number => methodsOf(parameters, typeVersion).length

/**
 * The ingress makes the item {headers, params, query, body}; a run starts with it. With several methods there is one output per method,
 * in the order they are listed, and the ingress hands the item in at the input of the same index.
 */
export const webhook: NodeType = {
  definition,
  execute: async (context) => {
    const methods = await context.rawParameter('httpMethod')
    if (!Array.isArray(methods)) return [await context.items()]
    const count = methods.length
    return Promise.all(Array.from({ length: count }, (_, output) => context.items(output)))
  },
  validate: validateWebhook,
  outputCount,
  webhook: describeWebhook,
}
