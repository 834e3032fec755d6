import type { RetryPolicy } from '@weconnect/contracts/events/types'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mayTryAgain, retryPolicyOf, waitAfter } from './retry-policy.ts'

const policy: RetryPolicy = { attempts: 4, backoff: 'exponential', delayMs: 1_000 }

test('n8n: no retry unless asked for; tries and waits are clamped', () => {
  expect(retryPolicyOf({}).attempts).toBe(1)
  expect(retryPolicyOf({ maxTries: 5 }).attempts).toBe(1)
  expect(retryPolicyOf({ retryOnFail: true })).toEqual({ attempts: 3, backoff: 'fixed', delayMs: 1000 })
  expect(retryPolicyOf({ retryOnFail: true, maxTries: 99, waitBetweenTries: 60_000 })).toMatchObject({ attempts: 5, delayMs: 5000 })
  expect(retryPolicyOf({ retryOnFail: true, maxTries: 0 }).attempts).toBe(2)
})

test('our own policy wins over that of n8n', () => {
  expect(retryPolicyOf({ retryOnFail: true, maxTries: 2, retry: policy })).toBe(policy)
  expect(retryPolicyOf({ retryOnFail: true, retry: { ...policy, attempts: 1 } }).attempts).toBe(1)
})

describe('another try', () => {
  test('follows until the attempts are used up', () => {
    expect([1, 2, 3, 4, 5].map((attempt) => mayTryAgain(policy, { attempt, code: 'NODE_FAILED' }))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })

  test.each([
    [['NODE_FAILED'], 'NODE_FAILED', undefined, false],
    [['NODE_FAILED'], 'EGRESS_FAILED', undefined, true],
    [['404'], 'NODE_FAILED', 404, false],
    [['404'], 'NODE_FAILED', 403, true],
    [['4xx'], 'NODE_FAILED', 429, false],
    [['4xx'], 'NODE_FAILED', 503, true],
    [['4xx'], 'NODE_FAILED', undefined, true],
  ])('after %j: %s with status %s: %s', (nonRetryable, code, status, expected) => {
    expect(mayTryAgain({ ...policy, nonRetryable }, { attempt: 1, code, status })).toBe(expected)
  })
})

describe('the wait', () => {
  test('is the same each time, or doubles, up to its limit', () => {
    const waits = (of: RetryPolicy) => [1, 2, 3, 4].map((attempt) => waitAfter(of, attempt, 0.5))
    expect(waits({ ...policy, backoff: 'fixed' })).toEqual([1_000, 1_000, 1_000, 1_000])
    expect(waits(policy)).toEqual([1_000, 2_000, 4_000, 8_000])
    expect(waits({ ...policy, maxDelayMs: 3_000 })).toEqual([1_000, 2_000, 3_000, 3_000])
  })

  test('is at most a day when no limit is named, however many tries there were', () => {
    expect(waitAfter(policy, 99, 0)).toBe(86_400_000)
  })

  test('loses at most its jitter, and is never above the wait without', () => {
    const some = fc.record({
      attempt: fc.integer({ min: 1, max: 100 }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      delayMs: fc.nat(2 ** 31 - 1),
      maxDelayMs: fc.nat(2 ** 31 - 1),
    })
    fc.assert(
      fc.property(some, ({ attempt, jitter, random, ...delays }) => {
        const full = waitAfter({ ...policy, ...delays }, attempt, random)
        const wait = waitAfter({ ...policy, ...delays, jitter }, attempt, random)
        expect(full).toBeLessThanOrEqual(delays.maxDelayMs)
        expect(wait).toBeLessThanOrEqual(full)
        expect(wait).toBeGreaterThanOrEqual(Math.floor(full * (1 - jitter)))
      }),
    )
  })
})
