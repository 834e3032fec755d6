import type { NodeOptions, RetryPolicy } from '@weconnect/contracts/events/types'

/** What is known of a try that failed. */
export interface FailedTry {
  /** From 1. */
  readonly attempt: number
  readonly code: string
  /** HTTP status of the answer that was the failure. */
  readonly status?: number | undefined
}

const dayMs = 86_400_000

/** n8n: tries are clamped to 2 to 5, waits to 5 seconds. */
const policyOfN8n = ({ retryOnFail, maxTries = 3, waitBetweenTries = 1000 }: NodeOptions): RetryPolicy => ({
  attempts: retryOnFail ? Math.min(5, Math.max(2, maxTries)) : 1,
  backoff: 'fixed',
  delayMs: Math.min(5000, Math.max(0, waitBetweenTries)),
})

/** Our own policy, when the node has one, else what n8n's fields say. */
export const retryPolicyOf = (options: NodeOptions): RetryPolicy => options.retry ?? policyOfN8n(options)

const matches = (pattern: string, code: string, status: number | undefined): boolean =>
  pattern === code || (status !== undefined && (pattern === String(status) || pattern === `${Math.floor(status / 100)}xx`))

/** Whether another try may follow. */
export const mayTryAgain = ({ attempts, nonRetryable = [] }: RetryPolicy, { attempt, code, status }: FailedTry): boolean =>
  attempt < attempts && !nonRetryable.some((pattern) => matches(pattern, code, status))

/**
 * Wait before the next try.
 * @param attempt the try that failed, from 1
 * @param random uniform in [0, 1)
 * @returns milliseconds, whole, in [0, maxDelayMs]
 */
export const waitAfter = (policy: RetryPolicy, attempt: number, random: number): number => {
  const { backoff, delayMs, maxDelayMs = dayMs, jitter = 0 } = policy
  const full = Math.min(maxDelayMs, backoff === 'fixed' ? delayMs : delayMs * 2 ** (attempt - 1))
  return Math.round(full * (1 - jitter * random))
}
