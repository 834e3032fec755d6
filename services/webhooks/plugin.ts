import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { Unproven } from './guard/admission.ts'
import type { Door, Ingress } from './ingress.ts'
import type { Delivery } from './receive/delivery.ts'
import { parseForm } from './receive/form-fields.ts'
import { type After, type BodyLimits, receiveBody } from './receive/receive-body.ts'
import { streamBody } from './receive/stream-body.ts'

/** Bytes of a body; n8n's default is the same. */
export const maxBodyBytes = 16 * 1024 * 1024
/** Bytes of a body that is files; n8n's default is the same. */
const defaultUploadBytes = 200 * 1024 * 1024
/** Milliseconds to wait for the next bytes of a body. */
const bodyIdleMs = 15_000

export interface WebhookRoutesOptions {
  readonly ingress: Ingress
  /** Calls that executions wait for. */
  readonly waiting: Door
  readonly after: After
  /** Default: 15 s. */
  readonly bodyIdleMs?: number
  /** Of a body that is files; default: 200 MiB. */
  readonly maxUploadBytes?: number
}

interface Limits extends BodyLimits {
  readonly maxUploadBytes: number
}

/** Public routes of the webhooks. A body stays on the wire until it is known that a workflow wants it. */
export const webhookRoutes: FastifyPluginAsync<WebhookRoutesOptions> = async (
  app,
  { ingress, waiting, after, bodyIdleMs: idleMs = bodyIdleMs, maxUploadBytes = defaultUploadBytes },
) => {
  const limits: Limits = { maxBytes: maxBodyBytes, maxUploadBytes, idleMs, after }
  leaveBodies(app)
  route(app, '/webhook/', ingress.production, limits)
  route(app, '/webhook-test/', ingress.test, limits)
  route(app, '/webhook-waiting/', waiting, limits)
}

/** Only those that run a draft: where the others are served by other processes, these are served beside the API by which somebody listens. */
export const testWebhookRoutes: FastifyPluginAsync<Omit<WebhookRoutesOptions, 'waiting'>> = async (
  app,
  { ingress, after, bodyIdleMs: idleMs = bodyIdleMs, maxUploadBytes = defaultUploadBytes },
) => {
  leaveBodies(app)
  route(app, '/webhook-test/', ingress.test, { maxBytes: maxBodyBytes, maxUploadBytes, idleMs, after })
}

const leaveBodies = (app: Parameters<typeof webhookRoutes>[0]): void => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
}

const route = (app: Parameters<typeof webhookRoutes>[0], prefix: string, door: Door, limits: Limits): void => {
  app.route({
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'],
    url: `${prefix}*`,
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const delivery = deliveryOf(request, prefix, limits)
      const { statusCode, headers, body } = await door.handle(delivery).catch(async (error: unknown) => {
        reply.headers(await headersOfRefusal(error, delivery, door, request))
        throw error
      })
      return reply.code(statusCode).headers(headers).send(body)
    },
  })
}

const deliveryOf = (request: FastifyRequest, prefix: string, limits: Limits): Delivery => {
  const { url, method, headers, raw } = request
  const [address = '', ...query] = url.split('?')
  const path = address.slice(prefix.length).replace(/^\/+|\/+$/g, '')
  if (path === '') throw new WeConnectError('WEBHOOK_NOT_FOUND', `Name the path of a webhook: ${prefix}PATH`)
  return {
    method,
    path,
    headers,
    query: query.length === 0 ? noQuery : parseForm(query.join('?')),
    receive: () => receiveBody(raw, limits),
    stream: () => streamBody(raw, { ...limits, maxBytes: limits.maxUploadBytes }),
    caller: () => request.ip,
    url: `${request.protocol}://${request.host}${url}`,
  }
}

const noQuery = Object.freeze({})

const headersOfRefusal = async (
  error: unknown,
  { path }: Delivery,
  door: Door,
  { raw }: FastifyRequest,
): Promise<Record<string, string>> => {
  if (isWeConnectError(error, 'METHOD_NOT_ALLOWED')) return { allow: (await door.methodsAt(path)).join(', ') }
  if (error instanceof Unproven) return { 'www-authenticate': error.challenge }
  // What did not come of the body would be waited for, or taken for the next request.
  const isCut = isWeConnectError(error, 'BODY_TOO_LARGE') || isWeConnectError(error, 'BODY_LENGTH_MISMATCH')
  return isCut && !raw.complete ? { connection: 'close' } : {}
}
