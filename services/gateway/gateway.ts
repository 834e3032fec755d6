import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errorCodes, isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import { openThrottle, type Rate, type Throttle } from '@weconnect/http/token-bucket'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import { type Identity, identityOf } from './authentication.ts'
import { addBrowserHeaders } from './browser-headers.ts'
import { drain } from './drain.ts'
import type { Gateway, GatewayOptions, GatewayParts } from './face.ts'
import { graphContext } from './graphql/context.ts'
import { graphqlOverHttp } from './graphql/http.ts'
import { gatewaySchema } from './graphql/schema.ts'
import { graphqlOverSocket } from './graphql/socket.ts'
import { addJsonBodies } from './json-body.ts'
import { refuseMalformed } from './malformed-requests.ts'
import { oauthCallback } from './oauth-callback.ts'
import { operationsRoutes } from './operations-routes.ts'
import { pages } from './pages.ts'
import { type ErrorMap, errorBody, openErrorMap } from './public-errors.ts'
import { restRoutes } from './rest-routes.ts'

const bodyLimit = 16 * 1024 * 1024
/** A body that is too large is read to its end up to this many times the limit. */
const drainedTimes = 4
const defaultRate = { burst: 1000, perSecond: 300 }
const defaultSignInRate = { burst: 10, perSecond: 1 / 6 }

/** Unique within the process and, by its beginning, between processes. */
const requestIds = (process: string): (() => string) => {
  let count = 0
  return () => {
    count += 1
    return `${process}-${count.toString(36)}`
  }
}

const emptyApp = ({ telemetry, newId }: GatewayParts, { trustProxy = false }: GatewayOptions, errors: ErrorMap): FastifyInstance => {
  const app = Fastify({
    loggerInstance: telemetry.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    trustProxy,
    genReqId: requestIds(newId()),
    // A child logger for every request costs more than many a request; errors name their request themselves.
    childLoggerFactory: (log) => log,
    forceCloseConnections: true,
    clientErrorHandler: refuseMalformed,
    // An address that cannot be read has no route, so that no error handler sees it.
    frameworkErrors: (error, _, reply: FastifyReply) => {
      const told = errors(error)
      return reply.code(told.status).send(errorBody(told))
    },
    serverFactory: (handler) => createServer(handler),
  })
  app.setErrorHandler((error, _, reply) => {
    const told = errors(error)
    if (isWeConnectError(error) && error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds)
    return reply.code(told.status).send(errorBody(told))
  })
  app.setNotFoundHandler((_, reply) => reply.code(404).send(errorBody(errors(new WeConnectError('NOT_FOUND', 'There is nothing here')))))
  // Refused already for what came behind the body: the caller was told that nothing was taken.
  app.addHook('preHandler', async ({ socket, body }) => {
    if (body !== undefined && socket.writableEnded)
      throw new WeConnectError('BODY_LENGTH_MISMATCH', 'The body is longer than its Content-Length')
  })
  app.addHook('onResponse', async ({ method, routeOptions }, reply) => {
    const { elapsedTime, statusCode: status } = reply
    telemetry.request({ method, route: routeOptions.url ?? 'none', status }, elapsedTime / 1000)
  })
  return app
}

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
export const startGateway = async (parts: GatewayParts, options: GatewayOptions): Promise<Gateway> => {
  const errors = openErrorMap(parts.telemetry.log, parts.newId)
  const app = emptyApp(parts, options, errors)
  await app.register(operationsRoutes, { parts })
  for (const plugin of options.plugins ?? []) await app.register(plugin)
  const { schema, countSignIn } = await addApi(app, parts, options, errors)
  await app.ready()
  const sockets = graphqlOverSocket({
    httpServer: app.server,
    schema,
    parts,
    errors,
    frontendUrls: options.frontendUrls,
    contextOf: ({ identity, ip }) => graphContext({ parts, identity, ip, requestId: parts.newId(), countSignIn: () => countSignIn(ip) }),
  })
  const attached = (options.attach ?? []).map((attach) => attach(app.server))
  await app.listen({ host: options.host, port: options.port })
  const { port } = app.server.address() as AddressInfo
  return {
    port,
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    close: async () => {
      await Promise.all(attached.map((one) => one.close()))
      await sockets.close()
      await app.close()
    },
  }
}
