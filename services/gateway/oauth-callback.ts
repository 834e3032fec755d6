import { type CredentialConnections, callbackPath } from '@weconnect/connectors/connect-credential'
import { isWeConnectError } from '@weconnect/contracts/errors'
import type { FastifyPluginAsync, FastifyReply } from 'fastify'
import type { ErrorMap } from './public-errors.ts'

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '')

const policy = "default-src 'none'; frame-ancestors 'none'"

/** A page for a person: no script, nothing from elsewhere, and no address of it (which holds a code) given to anybody. */
const say = (reply: FastifyReply, status: number, heading: string, words: string): FastifyReply =>
  reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policy)
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'no-store')
    .send(
      `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(heading)}</title><h1>${escaped(heading)}</h1><p>${escaped(words)}</p></html>`,
    )

export interface OAuthCallbackOptions {
  readonly connections: CredentialConnections
  readonly errors: ErrorMap
}

/** Where services send people back to after they agreed. Nobody is signed in there: what it is about came along, sealed. */
export const oauthCallback: FastifyPluginAsync<OAuthCallbackOptions> = async (app, { connections, errors }) => {
  app.get<{ Querystring: Record<string, unknown> }>(callbackPath, async ({ query }, reply) => {
    try {
      const { credentialName } = await connections.finish(query)
      return say(reply, 200, 'Connected', `The credential "${credentialName}" is connected. You can close this window.`)
    } catch (error) {
      const { status, message } = errors(error)
      return say(reply, isWeConnectError(error) ? status : 500, 'Not connected', message)
    }
  })
}
