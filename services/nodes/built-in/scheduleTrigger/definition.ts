import type { NodeDefinition, NodeProperty } from '@weconnect/contracts/node'
import { scheduleOptions } from '../../calendar/parameters.ts'
import { main, noPorts } from '../../sdk/ports.ts'
import { choice, choices, group, groups, notice, number, show, text } from '../../sdk/property.ts'

const fields = [
  ['Seconds', 'seconds'],
  ['Minutes', 'minutes'],
  ['Hours', 'hours'],
  ['Days', 'days'],
  ['Weeks', 'weeks'],
  ['Months', 'months'],
  ['Custom (Cron)', 'cronExpression'],
] as const
const weekdays = [
  ['Monday', 1],
  ['Tuesday', 2],
  ['Wednesday', 3],
  ['Thursday', 4],
  ['Friday', 5],
  ['Saturday', 6],
  ['Sunday', 0],
] as const

const every = (displayName: string, name: string, value: number, field: string): NodeProperty =>
  number(displayName, name, value, show({ field: [field] }))

const rule = group('Trigger Interval', 'interval', [
  choice('Trigger Interval', 'field', fields, 'days'),
  every('Seconds Between Triggers', 'secondsInterval', 30, 'seconds'),
  every('Minutes Between Triggers', 'minutesInterval', 5, 'minutes'),
  every('Hours Between Triggers', 'hoursInterval', 1, 'hours'),
  every('Days Between Triggers', 'daysInterval', 1, 'days'),
  every('Weeks Between Triggers', 'weeksInterval', 1, 'weeks'),
  every('Months Between Triggers', 'monthsInterval', 1, 'months'),
  every('Trigger at Day of Month', 'triggerAtDayOfMonth', 1, 'months'),
  choices('Trigger on Weekdays', 'triggerAtDay', weekdays, [0], show({ field: ['weeks'] })),
  number('Trigger at Hour', 'triggerAtHour', 0, show({ field: ['days', 'weeks', 'months'] })),
  number('Trigger at Minute', 'triggerAtMinute', 0, show({ field: ['hours', 'days', 'weeks', 'months'] })),
  text('Expression', 'expression', '', show({ field: ['cronExpression'] })),
])

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.scheduleTrigger',
  displayName: 'Schedule Trigger',
  description: 'Triggers the workflow on a given schedule',
  category: 'trigger',
  color: '#31C49F',
  versions: [1, 1.1, 1.2, 1.3],
  properties: [
    notice('The schedule is in the timezone of the workflow', 'notice'),
    groups('Trigger Rules', 'rule', [rule], { many: true, value: { interval: [{ field: 'days' }] } }),
    scheduleOptions,
  ],
  inputs: noPorts,
  outputs: main,
  isTrigger: true,
  effects: 'pure',
}
