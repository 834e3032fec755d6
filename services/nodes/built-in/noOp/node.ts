import type { NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { passOn } from '../per-item.ts'

export const noOp: NodeType = {
  definition: {
    name: 'n8n-nodes-base.noOp',
    displayName: 'No Operation, do nothing',
    description: 'No Operation',
    category: 'flow',
    versions: [1],
    properties: [],
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => [(await context.items()).map((item, index) => passOn(item, index))],
  validate: () => [],
}
