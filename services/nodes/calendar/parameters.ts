import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { NodeProperty } from '@weconnect/contracts/node'
import { DateTime } from 'luxon'
import { choice, collection, dateTime, number } from '../sdk/property.ts'
import { cronProblem } from './cron.ts'
import { defaultMissedWindowMs, missedPolicies, overlapPolicies, type ScheduleDescription, type ScheduleRule } from './rules.ts'

export interface ScheduleProblem {
  readonly parameter: string
  readonly message: string
}

/** Reads what was typed; notes what is wrong, under the path of the parameter. */
export class ScheduleReader {
  readonly problems: ScheduleProblem[] = []
  readonly #values: JsonObject
  readonly #path: string

  constructor(values: JsonValue | undefined, path: string) {
    this.#values = isJsonObject(values) ? values : {}
    this.#path = path
  }

  #say(name: string, message: string): void {
    this.problems.push({ parameter: `${this.#path}${name}`, message })
  }

  whole(name: string, fallback: number, least: number, most: number): number {
    const given = this.#values[name]
    if (given === undefined || given === '' || given === null || isExpression(given)) return fallback
    const value = Number(given)
    if (Number.isInteger(value) && value >= least && value <= most) return value
    this.#say(name, `must be a whole number from ${least} to ${most}`)
    return fallback
  }

  wholeIfGiven(name: string, least: number, most: number): number | undefined {
    const given = this.#values[name]
    return given === undefined || given === '' || given === 0 || given === null ? undefined : this.whole(name, least, least, most)
  }

  oneOf<const Value extends string>(name: string, values: readonly Value[], fallback: Value): Value {
    const given = this.#values[name]
    if (given === undefined || isExpression(given)) return fallback
    const value = values.find((one) => one === given)
    if (value === undefined) this.#say(name, `must be one of ${values.join(', ')}`)
    return value ?? fallback
  }

  weekdays(name: string, fallback: readonly number[]): readonly number[] {
    const given = this.#values[name]
    if (given === undefined || isExpression(given)) return fallback
    const days = (Array.isArray(given) ? given : [given]).map(Number)
    if (days.length > 0 && days.every((day) => Number.isInteger(day) && day >= 0 && day <= 7)) return days.map((day) => day % 7)
    this.#say(name, 'must be days of the week, 0 (Sunday) to 6')
    return fallback
  }

  cron(name: string, fallback: string): string {
    const given = this.#values[name]
    if (isExpression(given)) return fallback
    const expression = typeof given === 'string' ? given.trim() : fallback
    const problem = cronProblem(expression)
    if (problem === undefined) return expression
    this.#say(name, `is no cron expression of five or six fields: ${problem}`)
    return '0 0 * * *'
  }

  time(name: string): string | undefined {
    const given = this.#values[name]
    if (given === undefined || given === '' || given === null || isExpression(given)) return undefined
    if (typeof given === 'string' && DateTime.fromISO(given).isValid) return given
    this.#say(name, 'must be a date and time, such as 2026-01-31T09:00:00')
    return undefined
  }
}

/** Known only when the workflow is activated, and read again then. */
const isExpression = (value: JsonValue | undefined): boolean => typeof value === 'string' && value.startsWith('=')

export interface ReadRules {
  readonly rules: readonly ScheduleRule[]
  readonly problems: readonly ScheduleProblem[]
}

const secondsOf = (ms: number): number => ms / 1000

/** The options of every node that starts at times; n8n has none of them, so that an imported node has the defaults. */
export const scheduleOptions: NodeProperty = collection('Options', 'options', [
  choice(
    'When the Run Before Has Not Ended',
    'overlap',
    [
      ['Run Anyway', 'allow'],
      ['Skip', 'skip'],
      ['Queue One', 'queueOne'],
      ['Queue All', 'queueAll'],
      ['Cancel the Run Before', 'cancelPrevious'],
    ],
    'allow',
  ),
  choice(
    'Times That Were Missed',
    'missedRuns',
    [
      ['Skip', 'skip'],
      ['Run Once', 'one'],
      ['Run All', 'all'],
    ],
    'one',
  ),
  number('Seconds After Which a Missed Time Is Dropped', 'missedWindowSeconds', secondsOf(defaultMissedWindowMs)),
  number('Spread Over Seconds', 'jitterSeconds', 0),
  number('Most Executions', 'maxExecutions', 0),
  dateTime('Not Before', 'startAt'),
  dateTime('Not After', 'endAt'),
])

export const readOptions = (
  parameters: JsonObject,
): { readonly options: Omit<ScheduleDescription, 'rules'>; readonly problems: readonly ScheduleProblem[] } => {
  const reader = new ScheduleReader(parameters['options'], 'options.')
  const maxExecutions = reader.wholeIfGiven('maxExecutions', 1, 2_147_483_647)
  const [startAt, endAt] = [reader.time('startAt'), reader.time('endAt')]
  const options = {
    overlap: reader.oneOf('overlap', overlapPolicies, 'allow'),
    missed: reader.oneOf('missedRuns', missedPolicies, 'one'),
    missedWindowMs: reader.whole('missedWindowSeconds', secondsOf(defaultMissedWindowMs), 0, 315_360_000) * 1000,
    jitterMs: reader.whole('jitterSeconds', 0, 0, 86_400) * 1000,
    ...(maxExecutions !== undefined && { maxExecutions }),
    ...(startAt !== undefined && { startAt }),
    ...(endAt !== undefined && { endAt }),
  }
  return { options, problems: reader.problems }
}

/** What a node that starts at times needs beside `execute`. @param read its own parameters */
export const scheduleMethods = (read: (parameters: JsonObject) => ReadRules) => ({
  validate: (parameters: JsonObject): readonly ScheduleProblem[] => [...read(parameters).problems, ...readOptions(parameters).problems],
  schedule: (parameters: JsonObject): ScheduleDescription => ({ rules: read(parameters).rules, ...readOptions(parameters).options }),
})
