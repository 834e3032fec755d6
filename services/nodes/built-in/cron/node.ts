import { scheduleMethods, scheduleOptions } from '../../calendar/parameters.ts'
import type { NodeType } from '../../sdk/node.ts'
import { main, noPorts } from '../../sdk/ports.ts'
import { groups, notice } from '../../sdk/property.ts'
import { startingItems } from '../starting-items.ts'
import { time } from './time-property.ts'
import { readTriggerTimes } from './trigger-times.ts'

/** Starts a workflow at set times: what Schedule Trigger was before. */
export const cron: NodeType = {
  definition: {
    name: 'n8n-nodes-base.cron',
    displayName: 'Cron',
    description: 'Triggers the workflow at a specific time',
    category: 'trigger',
    color: '#29a568',
    versions: [1],
    properties: [
      notice('A newer version of this node is available: the Schedule Trigger node', 'notice'),
      groups('Trigger Times', 'triggerTimes', [time], { many: true }),
      scheduleOptions,
    ],
    inputs: noPorts,
    outputs: main,
    isTrigger: true,
    effects: 'pure',
  },
  execute: async (context) => [await startingItems(context, async () => ({}))],
  ...scheduleMethods(readTriggerTimes),
}
