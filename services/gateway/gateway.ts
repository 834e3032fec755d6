import { errorCodes, WeConnectError } from '@weconnect/contracts/errors'
import { openThrottle, type Rate, type Throttle } from '@weconnect/http/token-bucket'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Identity, identityOf } from './authentication.ts'
import { addBrowserHeaders } from './browser-headers.ts'
import { drain } from './drain.ts'
import type { Gateway, GatewayOptions, GatewayParts } from './face.ts'
import { graphContext } from './graphql/context.ts'
import { graphqlOverHttp } from './graphql/http.ts'
import { gatewaySchema } from './graphql/schema.ts'
import { graphqlOverSocket } from './graphql/socket.ts'
import { addJsonBodies } from './json-body.ts'
import { oauthCallback } from './oauth-callback.ts'
import { pages } from './pages.ts'
import type { ErrorMap } from './public-errors.ts'
import { restRoutes } from './rest-routes.ts'
import { bodyLimit, startServer } from './server.ts'

/** A body that is too large is read to its end up to this many times the limit. */
const drainedTimes = 4
const defaultRate = { burst: 1000, perSecond: 300 }
const defaultSignInRate = { burst: 10, perSecond: 1 / 6 }

/** The API: everything that takes a token. Public plugins stay outside of its hooks. */
const addApi = async (app: FastifyInstance, parts: GatewayParts, options: GatewayOptions, errors: ErrorMap) => {
  const identities = new WeakMap<FastifyRequest, Identity>()
  const throttle = options.throttle ?? ((_: string, rate: Rate): Throttle => openThrottle(rate, parts.now))
  const requests = throttle('requests', options.rate ?? defaultRate)
  const signIns = throttle('sign-ins', options.signInRate ?? defaultSignInRate)
  const schema = gatewaySchema()

  const countSignIn = async (ip: string, reply?: FastifyReply): Promise<void> => refuseWhen(await signIns.take(ip), reply)
  const contextOf = (request: FastifyRequest, reply?: FastifyReply) =>
    graphContext({
      parts,
      identity: identities.get(request),
      ip: request.ip,
      requestId: request.id,
      countSignIn: () => countSignIn(request.ip, reply),
    })

  await app.register(async (api) => {
    addBrowserHeaders(api, options.frontendUrls)
    addJsonBodies(api)
    api.addHook('onSend', async ({ raw }, { statusCode }) => {
      if (statusCode === errorCodes.BODY_TOO_LARGE.status) await drain(raw, drainedTimes * bodyLimit)
    })
    api.addHook('onRequest', async (request, reply) => {
      if (request.method === 'OPTIONS') return
      const identity = await identityOf(parts.admin, request.headers).catch(async (error: unknown) => {
        refuseWhen(await requests.take(request.ip), reply)
        throw error
      })
      if (identity !== undefined) identities.set(request, identity)
      refuseWhen(await requests.take(identity?.principal.userId ?? request.ip), reply)
    })
    await api.register(restRoutes, {
      parts,
      identityOfRequest: (request) => identities.get(request),
      countSignIn: (request) => countSignIn(request.ip),
    })
    await api.register(pages)
    await api.register(oauthCallback, { connections: parts.connections, errors })
    await api.register(graphqlOverHttp, { schema, errors, contextOf })
  })
  return { schema, countSignIn }
}

const refuseWhen = (waitSeconds: number, reply: FastifyReply | undefined): void => {
  if (waitSeconds === 0) return
  reply?.header('retry-after', waitSeconds)
  throw new WeConnectError('RATE_LIMITED', `Too many requests; try again in ${waitSeconds} s`, { retryAfterSeconds: waitSeconds })
}

/** GraphQL and REST on one port, with the public plugins and what attaches to the server. Resolves when it listens. */
export const startGateway = (parts: GatewayParts, options: GatewayOptions): Promise<Gateway> =>
  startServer(parts, options, async (app, errors) => {
    const { schema, countSignIn } = await addApi(app, parts, options, errors)
    await app.ready()
    return graphqlOverSocket({
      httpServer: app.server,
      schema,
      parts,
      errors,
      frontendUrls: options.frontendUrls,
      contextOf: ({ identity, ip }) => graphContext({ parts, identity, ip, requestId: parts.newId(), countSignIn: () => countSignIn(ip) }),
    })
  })
