import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject } from '@weconnect/contracts/json'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Ingress } from './ingress.ts'

/** Bytes of a body; n8n's default is the same. */
export const maxBodyBytes = 16 * 1024 * 1024
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const

/** Public routes of the webhooks: bodies are read as bytes, and parsed only when a workflow listens. */
export const webhookRoutes: FastifyPluginAsync<{ readonly ingress: Ingress }> = async (app, { ingress }) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxBodyBytes }, (_request, body, done) => done(null, body))
  app.route({
    method: [...methods],
    url: '/webhook/*',
    bodyLimit: maxBodyBytes,
    exposeHeadRoute: false,
    handler: async (request, reply) => answer(request, reply, ingress),
  })
}

const answer = async (request: FastifyRequest, reply: FastifyReply, ingress: Ingress): Promise<FastifyReply> => {
  const { statusCode, headers, body } = await ingress.handle({
    method: request.method,
    path: pathOf(request),
    headers: request.headers,
    query: request.query as JsonObject,
    body: request.body as Buffer | undefined,
    url: `${request.protocol}://${request.host}${request.url}`,
    ip: request.ip,
  })
  return reply.code(statusCode).headers(headers).send(body)
}

const pathOf = (request: FastifyRequest): string => {
  const path = (request.params as { '*': string })['*'].replace(/\/+$/, '')
  if (path === '') throw new WeConnectError('WEBHOOK_NOT_FOUND', 'Name the path of a webhook: /webhook/PATH')
  return path
}
