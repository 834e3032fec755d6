import { readFileSync } from 'node:fs'
import type { FastifyPluginAsync } from 'fastify'

const read = (file: string): string => readFileSync(new URL(`./pages/${file}`, import.meta.url), 'utf8')

/** The page may run its own script, and GraphiQL from its CDN; it talks to us only. */
const consolePolicy = [
  "default-src 'none'",
  "script-src 'self' https://unpkg.com",
  "style-src 'self' 'unsafe-inline' https://unpkg.com",
  'font-src https://unpkg.com data:',
  "img-src 'self' data:",
  'worker-src blob:',
  "connect-src 'self' ws: wss:",
  "frame-ancestors 'none'",
].join('; ')
const homePolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

/** GET / and GraphiQL. Read when first asked for. */
export const pages: FastifyPluginAsync = async (app) => {
  const page = (url: string, file: string, type: string, policy: string) =>
    app.get(url, async (_, reply) => reply.type(type).header('content-security-policy', policy).send(read(file)))
  page('/', 'home.html', 'text/html; charset=utf-8', homePolicy)
  page('/graphiql', 'graphiql.html', 'text/html; charset=utf-8', consolePolicy)
  page('/graphiql/page.js', 'graphiql.js', 'text/javascript; charset=utf-8', consolePolicy)
}
