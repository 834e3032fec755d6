import type { JsonObject } from '@weconnect/contracts/json'
import { type ReadRules, ScheduleReader, scheduleMethods, scheduleOptions } from '../../calendar/parameters.ts'
import type { NodeType } from '../../sdk/node.ts'
import { main, noPorts } from '../../sdk/ports.ts'
import { choice, notice, number } from '../../sdk/property.ts'
import { startingItems } from '../starting-items.ts'

const units = [
  ['Seconds', 'seconds'],
  ['Minutes', 'minutes'],
  ['Hours', 'hours'],
] as const

const readInterval = (parameters: JsonObject): ReadRules => {
  const reader = new ScheduleReader(parameters, '')
  const unit = reader.oneOf('unit', ['seconds', 'minutes', 'hours'], 'seconds')
  return { rules: [{ kind: 'every', unit, count: reader.whole('interval', 1, 1, 1_000_000), minute: 0 }], problems: reader.problems }
}

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
      scheduleOptions,
    ],
    inputs: noPorts,
    outputs: main,
    isTrigger: true,
    effects: 'pure',
  },
  execute: async (context) => [await startingItems(context, async () => ({}))],
  ...scheduleMethods(readInterval),
}
