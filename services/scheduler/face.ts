import type { Context, WriteToken } from '@weconnect/contracts/envelope'

/** What a person asks of schedules. All throw WeConnectError NOT_FOUND, also for another organisation's. */
export interface Schedules {
  /** ISO 8601 times of the next ticks, the first ones; none while it is paused or when it has ended. @param count 1 to 1000 */
  next(scheduleId: string, organisationId: string, count: number): Promise<readonly string[]>
  /** Ticks meanwhile do not run. @throws WeConnectError INVALID_STATE when it has ended */
  pause(scheduleId: string, note: string | undefined, context: Context): Promise<WriteToken>
  resume(scheduleId: string, context: Context): Promise<WriteToken>
  /**
   * Runs the ticks of a past stretch of time, both ends included: those that did not run, or with `again` all of them.
   * @throws WeConnectError INVALID_INPUT, INVALID_STATE
   */
  backfill(
    scheduleId: string,
    range: { readonly backfillId: string; readonly from: string; readonly to: string; readonly again: boolean },
    context: Context,
  ): Promise<WriteToken>
}
