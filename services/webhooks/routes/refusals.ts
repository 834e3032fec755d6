import { WeConnectError } from '@weconnect/contracts/errors'
import { nobodyListens } from './targets.ts'

interface Called {
  readonly method: string
  readonly path: string
}

/** @param others methods that somebody listens with at the path */
export const unknown = (others: readonly string[], { method, path }: Called): WeConnectError =>
  others.length === 0
    ? nobodyListens(method, path)
    : new WeConnectError('METHOD_NOT_ALLOWED', `/webhook/${path.slice(0, 200)} answers ${others.join(', ')}, not ${method}`)

/** The same of a test webhook. */
export const unheard = (others: readonly string[], { method, path }: Called): WeConnectError =>
  others.length === 0
    ? new WeConnectError(
        'WEBHOOK_NOT_FOUND',
        `Nobody listens to ${method} /webhook-test/${path.slice(0, 200)}: call \`./weconnect listen NAME\` first; it waits for one call`,
      )
    : new WeConnectError('METHOD_NOT_ALLOWED', `/webhook-test/${path.slice(0, 200)} waits for ${others.join(', ')}, not ${method}`)
