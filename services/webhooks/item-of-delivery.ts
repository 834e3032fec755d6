import type { IncomingHttpHeaders } from 'node:http'
import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { Admitted } from './guard/admission.ts'
import type { Content } from './receive/body.ts'
import type { Delivery } from './receive/delivery.ts'

/** Never recorded: what proves who the caller is belongs to the caller. */
const secretHeaders = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-api-key', 'x-auth-token'])

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
