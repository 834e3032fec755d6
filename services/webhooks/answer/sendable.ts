import { validateHeaderName, validateHeaderValue } from 'node:http'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Answer } from './answer.ts'

/** The server's own business: a workflow that sets them would break the connection. */
const connectionHeaders = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * What a workflow answers is made by whoever calls it, and comes from the origin of our API: a browser must not run it as a page of that origin.
 * The sandbox has no allow-same-origin.
 */
const sandbox = 'sandbox allow-downloads allow-forms allow-modals allow-popups allow-presentation allow-scripts'

/** Types in which nothing runs. */
const isInert = (type: string | undefined): boolean =>
  type !== undefined && /^(?:application\/(?:json|octet-stream)|text\/plain)\b/i.test(type)

/** An answer that can go out, and that no browser takes for a page of ours. @throws WeConnectError EXECUTION_FAILED for a status or header that HTTP does not know */
export const sendable = ({ statusCode, headers, body }: Answer): Answer => {
  if (!Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599)
    throw new WeConnectError('EXECUTION_FAILED', `The workflow answered with the status ${statusCode}, which is none from 200 to 599`)
  const sent: Record<string, string> = { 'x-content-type-options': 'nosniff' }
  for (const [name, value] of Object.entries(headers)) if (!connectionHeaders.has(name)) sent[name] = checked(name, value)
  const own = sent['content-security-policy']
  // Policies in a list all hold: that of the workflow can only narrow ours.
  if (!isInert(sent['content-type'])) sent['content-security-policy'] = own === undefined ? sandbox : `${sandbox}, ${own}`
  return { statusCode, headers: sent, body }
}

const checked = (name: string, value: string): string => {
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
    return value
  } catch (error) {
    throw new WeConnectError(
      'EXECUTION_FAILED',
      `The workflow answered with a header that cannot be sent: ${JSON.stringify(name.slice(0, 100))}`,
      {
        cause: error,
      },
    )
  }
}
