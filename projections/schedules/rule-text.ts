import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

const every = (count: JsonValue | undefined, units: string): string =>
  count === 1 ? `every ${units.slice(0, -1)}` : `every ${count} ${units}`
const two = (value: JsonValue | undefined): string => String(value ?? 0).padStart(2, '0')
const time = ({ hour, minute }: JsonObject): string => `at ${two(hour)}:${two(minute)}`

const textOf = (rule: JsonObject): string => {
  const { kind, count, unit, minute, day, weekdays, expression } = rule
  switch (kind) {
    case 'every':
      return `${every(count, String(unit))}${unit === 'hours' ? ` at minute ${minute}` : ''}`
    case 'days':
      return `${every(count, 'days')} ${time(rule)}`
    case 'weeks':
      return `${every(count, 'weeks')} on ${(weekdays as number[]).map((one) => days[one]).join(', ')} ${time(rule)}`
    case 'months':
      return `${every(count, 'months')} on day ${day} ${time(rule)}`
    default:
      return `cron ${expression}`
  }
}

const listOf = (rules: JsonValue): readonly JsonObject[] => (Array.isArray(rules) ? rules.filter(isJsonObject) : [])

/** The rules of a schedule in words. */
export const rulesInWords = (rules: JsonValue): string => listOf(rules).map(textOf).join('; ')

/** The expression of a schedule that is one cron expression. */
export const cronOf = (rules: JsonValue): string | null => {
  const [rule, ...more] = listOf(rules)
  return rule?.['kind'] === 'cron' && more.length === 0 ? String(rule['expression']) : null
}
