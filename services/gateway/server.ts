import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import Fastify, { type FastifyInstance, type FastifyReply, LogController } from 'fastify'
import type { Gateway, ServerOptions, ServerParts } from './face.ts'
import { refuseMalformed } from './malformed-requests.ts'
import { operationsRoutes } from './operations-routes.ts'
import { type ErrorMap, errorBody, openErrorMap } from './public-errors.ts'

export const bodyLimit = 16 * 1024 * 1024

/** Unique within the process and, by its beginning, between processes. */
const requestIds = (process: string): (() => string) => {
  let count = 0
  return () => {
    count += 1
    return `${process}-${count.toString(36)}`
  }
}

const emptyApp = (
  { telemetry, newId }: ServerParts,
  { trustProxy = false, drainMs = 0 }: ServerOptions,
  errors: ErrorMap,
): FastifyInstance => {
  const app = Fastify({
    loggerInstance: telemetry.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    trustProxy,
    genReqId: requestIds(newId()),
    // A child logger for every request costs more than many a request; errors name their request themselves.
    childLoggerFactory: (log) => log,
    forceCloseConnections: drainMs > 0 ? 'idle' : true,
    // What comes on an open connection while the server closes is answered, and the connection ends with it.
    return503OnClosing: false,
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

type AddMore = (app: FastifyInstance, errors: ErrorMap) => Promise<{ close(): unknown }>

/**
 * The HTTP server of a process, whatever roles it has: health, readiness and metrics, with the public plugins and what attaches to it. Resolves when it
 * listens.
 */
export const startServer = async (parts: ServerParts, options: ServerOptions, addMore?: AddMore): Promise<Gateway> => {
  const { drainMs = 0, lingerMs = 0, after } = options
  const errors = openErrorMap(parts.telemetry.log, parts.newId)
  const app = emptyApp(parts, options, errors)
  let stopping = false
  await app.register(operationsRoutes, { parts, isStopping: () => stopping })
  app.addHook('onSend', async (_, reply) => {
    if (stopping) reply.header('connection', 'close')
  })
  for (const plugin of options.plugins ?? []) await app.register(plugin)
  const more = await addMore?.(app, errors)
  await app.ready()
  const attached = (options.attach ?? []).map((attach) => attach(app.server))
  await app.listen({ host: options.host, port: options.port })
  const { port } = app.server.address() as AddressInfo

  const drained = async (): Promise<void> => {
    const force = after?.(drainMs, () => app.server.closeAllConnections())
    await app.close()
    force?.()
  }
  return {
    port,
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    close: async () => {
      stopping = true
      if (lingerMs > 0 && after) await new Promise<void>((resolve) => void after(lingerMs, resolve))
      await Promise.all(attached.map((one) => one.close()))
      await more?.close()
      await drained()
    },
  }
}
