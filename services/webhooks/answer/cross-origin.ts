import type { IncomingHttpHeaders } from 'node:http'
import type { WebhookDescription } from '@weconnect/nodes/sdk/node'
import type { Answer } from './answer.ts'

const preflightSeconds = '300'

/** What lets a page of another origin read the answer: the node's option allowedOrigins, a list with commas; `*`, the default, is every origin. */
export const originHeaders = (
  { allowedOrigins = '*' }: Pick<WebhookDescription, 'allowedOrigins'>,
  origin: string | undefined,
): Readonly<Record<string, string>> => {
  if (origin === undefined) return {}
  const allowed = allowedOrigins.split(',').map((one) => one.trim().replace(/\/$/, ''))
  if (allowed.includes('*')) return { 'access-control-allow-origin': '*' }
  return allowed.includes(origin) ? { 'access-control-allow-origin': origin, vary: 'Origin' } : { vary: 'Origin' }
}

/** The answer to a browser that asks what it may send. */
export const preflightAnswer = (
  description: Pick<WebhookDescription, 'allowedOrigins'>,
  methods: readonly string[],
  headers: IncomingHttpHeaders,
): Answer => {
  const asked = headers['access-control-request-headers']
  return {
    statusCode: 204,
    headers: {
      ...originHeaders(description, headers.origin),
      allow: methods.join(', '),
      'access-control-allow-methods': methods.join(', '),
      ...(asked !== undefined && { 'access-control-allow-headers': asked }),
      'access-control-max-age': preflightSeconds,
    },
    body: undefined,
  }
}
