/** When something happens again and again, on the clock and calendar of one time zone. */
export type ScheduleRule =
  /** At every multiple of `count` units of the clock, hours at that minute: what divides a day begins anew at midnight. */
  | { readonly kind: 'every'; readonly unit: 'seconds' | 'minutes' | 'hours'; readonly count: number; readonly minute: number }
  /** Counted, also backwards, from the first of them after the schedule began. */
  | { readonly kind: 'days'; readonly count: number; readonly hour: number; readonly minute: number }
  /** Weekdays: 0 = Sunday. Weeks begin on Monday and are counted from that of the first tick. */
  | {
      readonly kind: 'weeks'
      readonly count: number
      readonly weekdays: readonly number[]
      readonly hour: number
      readonly minute: number
    }
  /** Months without that day are left out. */
  | { readonly kind: 'months'; readonly count: number; readonly day: number; readonly hour: number; readonly minute: number }
  /** Five fields, or six with seconds first. */
  | { readonly kind: 'cron'; readonly expression: string }

/** What happens to a tick while the run of an earlier one has not ended. */
export const overlapPolicies = ['allow', 'skip', 'queueOne', 'queueAll', 'cancelPrevious'] as const
export type OverlapPolicy = (typeof overlapPolicies)[number]

/** What happens to ticks that nobody was there for: none, the latest, or all of them run. */
export const missedPolicies = ['skip', 'one', 'all'] as const
export type MissedPolicy = (typeof missedPolicies)[number]

/** What a trigger asks for. */
export interface ScheduleDescription {
  readonly rules: readonly ScheduleRule[]
  readonly overlap: OverlapPolicy
  readonly missed: MissedPolicy
  /** Milliseconds; what was missed longer ago never runs. */
  readonly missedWindowMs: number
  /** Milliseconds; each tick is late by a part of it that follows from schedule and tick. 0 = none. */
  readonly jitterMs: number
  /** Ticks that run, over the life of the schedule; backfills not counted. */
  readonly maxExecutions?: number
  /** ISO 8601, in the zone of the workflow where it names none; inclusive. */
  readonly startAt?: string
  /** The same; inclusive. */
  readonly endAt?: string
}

export const dayMs = 86_400_000
export const defaultMissedWindowMs = dayMs
