import type { WebhookDescription } from '@weconnect/nodes/sdk/node'
import { preflightAnswer } from './answer/cross-origin.ts'
import type { Door, Handle } from './ingress.ts'
import { unknown } from './routes/refusals.ts'

/** What a browser asks before it calls another origin. */
export const preflight =
  (methodsAt: Door['methodsAt'], descriptionOf: (method: string, path: string) => Promise<WebhookDescription | undefined>): Handle =>
  async (delivery) => {
    const methods = await methodsAt(delivery.path)
    const asked = delivery.headers['access-control-request-method']
    const method = methods.find((one) => one === asked) ?? methods[0] ?? 'OPTIONS'
    const description = await descriptionOf(method, delivery.path)
    if (!description) throw unknown([], { ...delivery, method: asked ?? 'OPTIONS' })
    return preflightAnswer(description, methods, delivery.headers)
  }
