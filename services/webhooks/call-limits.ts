import { WeConnectError } from '@weconnect/contracts/errors'
import { openThrottle, type Throttle } from '@weconnect/http/token-bucket'
import type { CallRate } from '@weconnect/nodes/sdk/node'
import type { Delivery } from './delivery.ts'
import type { Guard } from './guard.ts'

/** Rates of calls, in the memory of this process: one bucket for a webhook, and one for each of its callers. */
export interface CallLimits {
  /** @throws WeConnectError RATE_LIMITED */
  takeOfCaller(webhookId: string, guard: Guard, delivery: Delivery): void
  /** @throws WeConnectError RATE_LIMITED */
  takeOfWebhook(webhookId: string, guard: Guard): void
}

export const openCallLimits = (now: () => number): CallLimits => {
  /** One throttle for each rate that some webhook has. */
  const throttles = new Map<string, Throttle>()

  const throttleOf = ({ calls, seconds, burst }: CallRate): Throttle => {
    const name = `${calls}/${seconds}/${burst}`
    const made = throttles.get(name) ?? openThrottle({ burst, perSecond: calls / seconds }, now)
    throttles.set(name, made)
    return made
  }
  const take = (rate: CallRate, key: string, whose: string): void => {
    const retryAfterSeconds = throttleOf(rate).take(key)
    if (retryAfterSeconds > 0)
      throw new WeConnectError('RATE_LIMITED', `Too many calls ${whose}; try again in ${retryAfterSeconds} s`, { retryAfterSeconds })
  }

  return {
    takeOfCaller: (webhookId, { callerRate }, { headers, caller }) => {
      if (!callerRate) return
      const named = callerRate.callerHeader === undefined ? undefined : headers[callerRate.callerHeader]
      const key = typeof named === 'string' && named !== '' ? `header ${named.slice(0, 200)}` : `address ${caller()}`
      take(callerRate, `${webhookId} ${key}`, 'from you')
    },
    takeOfWebhook: (webhookId, { rate }) => {
      if (rate) take(rate, webhookId, 'of this webhook')
    },
  }
}
