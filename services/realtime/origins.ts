import type { IncomingMessage } from 'node:http'

/**
 * Whether a browser page may connect. Programs send no Origin; a page of our own has our Host; others must be listed, or `*` must be.
 * Checked for websockets too, to which CORS does not apply.
 */
export const originAllowed = ({ headers }: Pick<IncomingMessage, 'headers'>, frontendUrls: readonly string[]): boolean => {
  const { origin, host } = headers
  if (origin === undefined || frontendUrls.includes('*') || frontendUrls.includes(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === host
}
