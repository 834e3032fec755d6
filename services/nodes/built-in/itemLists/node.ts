import type { NodeType } from '../../sdk/node.ts'
import { asText, unsupported } from '../per-item.ts'
import { definition } from './definition.ts'
import { contextFor, operations } from './operations.ts'

/** What the nodes Aggregate, Limit, Remove Duplicates, Sort, Split Out and Summarize were before each had a node of its own. */
export const itemLists: NodeType = {
  definition,
  execute: async (context) => {
    const name = asText(await context.parameter('operation', 0))
    if (!Object.hasOwn(operations, name)) throw unsupported(context, `Operation "${name}"`, 'operation')
    const operation = operations[name]!
    return operation.node.execute(contextFor(context, operation))
  },
  validate: () => [],
}
