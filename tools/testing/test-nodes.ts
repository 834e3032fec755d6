import type { Outputs } from '@weconnect/contracts/items'
import type { NodeContext, NodeType } from '@weconnect/nodes/sdk/node'

const definition = (name: string, effects: 'pure' | 'external'): NodeType['definition'] => ({
  name,
  displayName: name,
  description: 'A node of a test',
  category: 'custom',
  versions: [1],
  properties: [],
  inputs: [{ type: 'main' }],
  outputs: [{ type: 'main' }],
  effects,
})

/** A node type that does what a test says. */
export const testNode = (name: string, effects: 'pure' | 'external', execute: (context: NodeContext) => Promise<Outputs>): NodeType => ({
  definition: definition(name, effects),
  execute,
  validate: () => [],
})
