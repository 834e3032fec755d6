import { WeConnectError } from '@weconnect/contracts/errors'
import type { Rate, Throttle } from '@weconnect/http/token-bucket'
import type { CallRate } from '@weconnect/nodes/sdk/node'
import type { Delivery } from '../receive/delivery.ts'
import type { Guard } from './guard.ts'

/** Rates of calls: one bucket for a webhook, and one for each of its callers. */
export interface CallLimits {
  /** @throws WeConnectError RATE_LIMITED */
  takeOfCaller(webhookId: string, guard: Guard, delivery: Delivery): Promise<void>
  /** @throws WeConnectError RATE_LIMITED */
  takeOfWebhook(webhookId: string, guard: Guard): Promise<void>
}

/** How the buckets of a rate are kept: in this process, or where several share them. @param name of the rate */
export type OpenThrottle = (name: string, rate: Rate) => Throttle

export const openCallLimits = (open: OpenThrottle): CallLimits => {
  /** One throttle for each rate that some webhook has. */
  const throttles = new Map<string, Throttle>()

  const throttleOf = ({ calls, seconds, burst }: CallRate): Throttle => {
    const name = `${calls}/${seconds}/${burst}`
    const made = throttles.get(name) ?? open(`webhooks/${name}`, { burst, perSecond: calls / seconds })
    throttles.set(name, made)
    return made
  }
  const take = async (rate: CallRate, key: string, whose: string): Promise<void> => {
    const retryAfterSeconds = await throttleOf(rate).take(key)
    if (retryAfterSeconds > 0)
      throw new WeConnectError('RATE_LIMITED', `Too many calls ${whose}; try again in ${retryAfterSeconds} s`, { retryAfterSeconds })
  }

  return {
    takeOfCaller: async (webhookId, { callerRate }, { headers, caller }) => {
      if (!callerRate) return
      const named = callerRate.callerHeader === undefined ? undefined : headers[callerRate.callerHeader]
      const key = typeof named === 'string' && named !== '' ? `header ${named.slice(0, 200)}` : `address ${caller()}`
      await take(callerRate, `${webhookId} ${key}`, 'from you')
    },
    takeOfWebhook: async (webhookId, { rate }) => {
      if (rate) await take(rate, webhookId, 'of this webhook')
    },
  }
}
