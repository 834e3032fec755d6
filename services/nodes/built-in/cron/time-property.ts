import { choice, group, number, show, text } from '../../sdk/property.ts'

const modes = [
  ['Every Minute', 'everyMinute'],
  ['Every Hour', 'everyHour'],
  ['Every Day', 'everyDay'],
  ['Every Week', 'everyWeek'],
  ['Every Month', 'everyMonth'],
  ['Every X', 'everyX'],
  ['Custom', 'custom'],
] as const
/** Members of one time of the list, as n8n writes it. */
export const time = group('Item', 'item', [
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
