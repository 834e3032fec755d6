import type { IncomingHttpHeaders } from 'node:http'
import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { Admitted } from './admission.ts'
import type { Content } from './body.ts'

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

/** Never recorded: what proves who the caller is belongs to the caller. */
const secretHeaders = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-api-key', 'x-auth-token'])

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

const recordedHeaders = (headers: IncomingHttpHeaders, secret: string | undefined): JsonObject => {
  const kept: Record<string, JsonValue> = {}
  for (const name in headers) {
    if (secretHeaders.has(name) || name === secret) continue
    const value = headers[name]
    if (value !== undefined) kept[name] = value
  }
  return kept
}

/** The item a webhook node starts with, as n8n shapes it. */
export const itemOf = (
  delivery: Delivery,
  params: Readonly<Record<string, string>>,
  content: Content,
  mode: 'production' | 'test',
  { jwtPayload, secretHeader }: Admitted = {},
): Item => ({
  json: {
    headers: recordedHeaders(delivery.headers, secretHeader),
    params: { ...params },
    query: delivery.query,
    body: content.body,
    webhookUrl: delivery.url,
    executionMode: mode,
    ...(jwtPayload === undefined ? {} : { jwtPayload }),
  },
  ...(content.binary && { binary: content.binary }),
})
