import type { FastifyInstance } from 'fastify'

const secure = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
} as const

const preflight = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'Authorization, Content-Type',
  'access-control-max-age': '600',
} as const

/** Headers of every answer of the API, and CORS for the listed origins. Pages set a content-security-policy of their own. */
export const addBrowserHeaders = (app: FastifyInstance, frontendUrls: readonly string[]): void => {
  app.addHook('onRequest', async ({ headers: { origin }, method }, reply) => {
    reply.headers(secure)
    if (origin === undefined || !(frontendUrls.includes('*') || frontendUrls.includes(origin))) return
    reply.headers({ 'access-control-allow-origin': origin, vary: 'Origin', 'access-control-expose-headers': 'Retry-After' })
    if (method === 'OPTIONS') reply.headers(preflight)
  })
  for (const url of ['/graphql', '/api/*']) app.options(url, async (_, reply) => reply.code(204).send())
}
