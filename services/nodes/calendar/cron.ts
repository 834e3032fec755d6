import { Cron } from 'croner'

const allHours = /^(\*|\?|\*\/1|0-23)$/

/** A cron expression against a clock in UTC. */
export interface CronExpression {
  /** First match later than `wall`, undefined when there is none. */
  next(wall: number): number | undefined
  /** Whether it matches in every hour of the days that it matches. */
  readonly everyHour: boolean
}

/**
 * Five fields, or six with seconds first; names of days and months, L, W, # and @daily and its like. A day of the month and a day of the week are
 * alternatives, as in every cron. @throws Error saying what is wrong
 */
export const parseCron = (expression: string): CronExpression => {
  const text = expression.trim()
  const cron = new Cron(text, { utcOffset: 0, mode: '5-or-6-parts', paused: true })
  const fields = text.split(/\s+/)
  return {
    next: (wall) => cron.nextRun(new Date(wall))?.getTime(),
    everyHour: text === '@hourly' || allHours.test(fields.at(-4) ?? ''),
  }
}

/** What is wrong with an expression; undefined when it will match at some time. */
export const cronProblem = (expression: string): string | undefined => {
  try {
    return parseCron(expression).next(0) === undefined ? 'matches no day of the calendar' : undefined
  } catch (error) {
    return (error as Error).message.replace(/^CronPattern: /, '')
  }
}
