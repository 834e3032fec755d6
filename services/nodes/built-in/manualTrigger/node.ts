import type { NodeType } from '../../sdk/node.ts'
import { main, noPorts } from '../../sdk/ports.ts'
import { notice } from '../../sdk/property.ts'

/** Starts a run by hand: the items it was started with, or one empty item. */
export const manualTrigger: NodeType = {
  definition: {
    name: 'n8n-nodes-base.manualTrigger',
    displayName: 'Manual Trigger',
    description: 'Runs the flow on clicking a button',
    category: 'trigger',
    versions: [1],
    properties: [notice('This node is where a manual execution starts', 'notice')],
    inputs: noPorts,
    outputs: main,
    isTrigger: true,
    effects: 'pure',
  },
  execute: async (context) => {
    const items = await context.items()
    return [items.length > 0 ? items : [{ json: {} }]]
  },
  validate: () => [],
}
