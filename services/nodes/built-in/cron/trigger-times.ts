import { isJsonObject, type JsonObject } from '@weconnect/contracts/json'
import { type ReadRules, ScheduleReader } from '../../calendar/parameters.ts'
import type { ScheduleRule } from '../../calendar/rules.ts'

const modes = ['everyMinute', 'everyHour', 'everyDay', 'everyWeek', 'everyMonth', 'everyX', 'custom'] as const

const ruleOf = (reader: ScheduleReader): ScheduleRule => {
  const minute = (): number => reader.whole('minute', 0, 0, 59)
  const time = () => ({ hour: reader.whole('hour', 14, 0, 23), minute: minute() })
  switch (reader.oneOf('mode', modes, 'everyDay')) {
    case 'everyMinute':
      return { kind: 'every', unit: 'minutes', count: 1, minute: 0 }
    case 'everyHour':
      return { kind: 'every', unit: 'hours', count: 1, minute: minute() }
    case 'everyDay':
      return { kind: 'days', count: 1, ...time() }
    case 'everyWeek':
      return { kind: 'weeks', count: 1, weekdays: reader.weekdays('weekday', [1]), ...time() }
    case 'everyMonth':
      return { kind: 'months', count: 1, day: reader.whole('dayOfMonth', 1, 1, 31), ...time() }
    case 'everyX':
      return {
        kind: 'every',
        unit: reader.oneOf('unit', ['minutes', 'hours'], 'hours'),
        count: reader.whole('value', 2, 1, 1_000_000),
        minute: 0,
      }
    case 'custom':
      return { kind: 'cron', expression: reader.cron('cronExpression', '* * * * * *') }
  }
}

/** The list of times as n8n writes it; none without the parameter. */
export const readTimes = (parameters: JsonObject, name: string): ReadRules => {
  const times = parameters[name]
  const items = isJsonObject(times) && Array.isArray(times['item']) ? times['item'] : []
  const readers = items.map((item, index) => new ScheduleReader(item, `${name}.item[${index}].`))
  return { rules: readers.map(ruleOf), problems: readers.flatMap(({ problems }) => problems) }
}

export const readTriggerTimes = (parameters: JsonObject): ReadRules => readTimes(parameters, 'triggerTimes')
