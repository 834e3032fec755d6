import type { IncomingHttpHeaders } from 'node:http'
import type { JsonObject } from '@weconnect/contracts/json'

/** A request as it came in; its body is still on the wire. */
export interface Delivery {
  readonly method: string
  /** Path below /webhook/ or /webhook-test/, still percent-encoded. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly query: JsonObject
  /** @throws WeConnectError BODY_TOO_LARGE, BODY_LENGTH_MISMATCH */
  readonly receive: () => Promise<Buffer | undefined>
  /** The same body as it comes: one or the other is asked for, once. @throws as `receive` does */
  readonly stream: () => AsyncIterable<Buffer>
  /** Address that it came from; of a proxy that is trusted, the one that it names. */
  readonly caller: () => string
  /** Address the caller used, for the item. */
  readonly url: string
}

/** Headers by which senders name a delivery, in order of preference. */
const deliveryHeaders = [
  'idempotency-key',
  'x-delivery-id',
  'webhook-id',
  'x-github-delivery',
  'x-shopify-webhook-id',
  'x-gitlab-event-uuid',
]

export const deliveryIdOf = (headers: IncomingHttpHeaders): string | undefined => {
  for (const name of deliveryHeaders) {
    const value = headers[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}
