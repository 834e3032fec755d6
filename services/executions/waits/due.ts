import type { RetryPolicy } from '@weconnect/contracts/events/types'
import type { Step } from '../decider/state.ts'
import { isoTime } from '../iso-time.ts'
import { seededRandom } from '../scope/random.ts'
import type { RunFacts } from '../scope/run-facts.ts'
import { waitAfter } from '../step/retry-policy.ts'

/** Records when a step is tried again. @param attempt the try that failed @returns the time, also as ISO 8601 */
export const scheduleRetry = (
  { recorder, parts, started }: RunFacts,
  policy: RetryPolicy,
  step: number,
  attempt: number,
): { readonly waitMs: number; readonly dueAt: string } => {
  const waitMs = waitAfter(policy, attempt, seededRandom(started.seed, `retry/${step}/${attempt}`)())
  const dueAt = isoTime(parts.clock.now() + waitMs)
  recorder.record({ type: 'StepRetryScheduled', data: { step, attempt: attempt + 1, dueAt } })
  return { waitMs, dueAt }
}

/** Waits a little when the step is almost due. What waits for a call without a limit is never due. */
export const isDue = async ({ parts, signal }: RunFacts, { dueAt, status }: Pick<Step, 'dueAt' | 'status'>): Promise<boolean> => {
  const leftMs = dueAt === undefined ? (status === 'waiting' ? Number.POSITIVE_INFINITY : 0) : Date.parse(dueAt) - parts.clock.now()
  if (leftMs > parts.longestWaitMs) return false
  if (leftMs > 0) await parts.timer.wait(leftMs, signal)
  return true
}
