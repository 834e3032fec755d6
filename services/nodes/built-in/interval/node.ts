import type { NodeType } from '../../sdk/node.ts'
import { main, noPorts } from '../../sdk/ports.ts'
import { choice, notice, number } from '../../sdk/property.ts'
import { startingItems } from '../starting-items.ts'

const units = [
  ['Seconds', 'seconds'],
  ['Minutes', 'minutes'],
  ['Hours', 'hours'],
] as const

/** Starts a workflow again and again: what Schedule Trigger was before. */
export const interval: NodeType = {
  definition: {
    name: 'n8n-nodes-base.interval',
    displayName: 'Interval',
    description: 'Triggers the workflow in a given interval',
    category: 'trigger',
    color: '#00FF00',
    versions: [1],
    properties: [
      notice('A newer version of this node is available: the Schedule Trigger node', 'notice'),
      number('Interval', 'interval', 1),
      choice('Unit', 'unit', units, 'seconds'),
    ],
    inputs: noPorts,
    outputs: main,
    isTrigger: true,
    effects: 'pure',
  },
  execute: async (context) => [await startingItems(context, async () => ({}))],
  validate: () => [],
}
