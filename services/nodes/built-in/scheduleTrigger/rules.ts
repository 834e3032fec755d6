import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { type ReadRules, ScheduleReader } from '../../calendar/parameters.ts'
import type { ScheduleRule } from '../../calendar/rules.ts'

const fields = ['seconds', 'minutes', 'hours', 'days', 'weeks', 'months', 'cronExpression'] as const

const ruleOf = (reader: ScheduleReader): ScheduleRule => {
  const field = reader.oneOf('field', fields, 'days')
  const count = (name: string, fallback: number): number => reader.whole(name, fallback, 1, 1_000_000)
  const minute = (): number => reader.whole('triggerAtMinute', 0, 0, 59)
  const time = () => ({ hour: reader.whole('triggerAtHour', 0, 0, 23), minute: minute() })
  switch (field) {
    case 'seconds':
      return { kind: 'every', unit: 'seconds', count: count('secondsInterval', 30), minute: 0 }
    case 'minutes':
      return { kind: 'every', unit: 'minutes', count: count('minutesInterval', 5), minute: 0 }
    case 'hours':
      return { kind: 'every', unit: 'hours', count: count('hoursInterval', 1), minute: minute() }
    case 'days':
      return { kind: 'days', count: count('daysInterval', 1), ...time() }
    case 'weeks':
      return { kind: 'weeks', count: count('weeksInterval', 1), weekdays: reader.weekdays('triggerAtDay', [0]), ...time() }
    case 'months':
      return { kind: 'months', count: count('monthsInterval', 1), day: reader.whole('triggerAtDayOfMonth', 1, 1, 31), ...time() }
    case 'cronExpression':
      return { kind: 'cron', expression: reader.cron('expression', '') }
  }
}

/** The list of rules as n8n writes it: without `rule`, every day at midnight. */
const rulesOf = (rule: JsonValue | undefined): readonly JsonValue[] => {
  const list = isJsonObject(rule) ? rule['interval'] : [{}]
  return Array.isArray(list) ? list : []
}

export const readRules = (parameters: JsonObject): ReadRules => {
  const readers = rulesOf(parameters['rule']).map((rule, index) => new ScheduleReader(rule, `rule.interval[${index}].`))
  return { rules: readers.map(ruleOf), problems: readers.flatMap(({ problems }) => problems) }
}
