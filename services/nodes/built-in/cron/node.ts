import { scheduleMethods, scheduleOptions } from '../../calendar/parameters.ts'
import type { NodeType } from '../../sdk/node.ts'
import { main, noPorts } from '../../sdk/ports.ts'
import { choice, group, groups, notice, number, show, text } from '../../sdk/property.ts'
import { startingItems } from '../starting-items.ts'
import { readTriggerTimes } from './trigger-times.ts'

const modes = [
  ['Every Minute', 'everyMinute'],
  ['Every Hour', 'everyHour'],
  ['Every Day', 'everyDay'],
  ['Every Week', 'everyWeek'],
  ['Every Month', 'everyMonth'],
  ['Every X', 'everyX'],
  ['Custom', 'custom'],
] as const
const time = group('Item', 'item', [
  choice('Mode', 'mode', modes, 'everyDay'),
  number('Hour', 'hour', 14, show({ mode: ['everyDay', 'everyWeek', 'everyMonth'] })),
  number('Minute', 'minute', 0, show({ mode: ['everyHour', 'everyDay', 'everyWeek', 'everyMonth'] })),
  number('Day of Month', 'dayOfMonth', 1, show({ mode: ['everyMonth'] })),
  text('Weekday', 'weekday', '1', show({ mode: ['everyWeek'] })),
  text('Cron Expression', 'cronExpression', '* * * * * *', show({ mode: ['custom'] })),
  number('Value', 'value', 2, show({ mode: ['everyX'] })),
  choice(
    'Unit',
    'unit',
    [
      ['Minutes', 'minutes'],
      ['Hours', 'hours'],
    ],
    'hours',
    show({ mode: ['everyX'] }),
  ),
])

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
