import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WeConnectError } from '@weconnect/contracts/errors'
import { originAllowed } from '@weconnect/realtime/origins'
import { GraphQLError, type GraphQLFormattedError, type GraphQLSchema, parse, specifiedRules, validate } from 'graphql/index.js'
import { CloseCode, type Context, type ServerOptions } from 'graphql-ws'
import { type Extra, useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { bearerOf, type Identity, identityOf } from '../authentication.ts'
import type { GatewayParts } from '../face.ts'
import type { ErrorMap } from '../public-errors.ts'
import type { GraphContext } from './context.ts'
import { mapGraphQLErrors } from './errors.ts'
import { checkQuery } from './limits/query-guard.ts'
import { checkDepth, checkQueryText } from './limits/query-limits.ts'

export interface GraphQLSocketOptions {
  readonly httpServer: HttpServer
  readonly schema: GraphQLSchema
  readonly parts: GatewayParts
  readonly errors: ErrorMap
  readonly frontendUrls: readonly string[]
  readonly contextOf: (connection: { readonly identity: Identity | undefined; readonly ip: string }) => GraphContext
}

interface Connected {
  identity: Identity
  operations: Set<string>
}
type SocketContext = Context<Record<string, unknown>, Extra & Partial<Connected>>

/** Operations one connection may have open at a time. */
const maxOperations = 100
const maxMessageBytes = 1024 * 1024

/** From connection_init: {authorization: 'Bearer ...'} or {token}; else from the headers of the upgrade. */
const identityOfConnection = async (parts: GatewayParts, { connectionParams, extra }: SocketContext): Promise<Identity | undefined> => {
  const { authorization, Authorization, token } = connectionParams ?? {}
  const header = authorization ?? Authorization
  const given = typeof token === 'string' ? token : bearerOf(typeof header === 'string' ? header : undefined)
  if (given === undefined) return identityOf(parts.admin, extra.request.headers)
  return { token: given, principal: await parts.admin.verifyToken(given) }
}

const refuse = (socket: Duplex, status: string): void =>
  void socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)

/** Queries, mutations and subscriptions at /graphql over graphql-transport-ws. */
export const graphqlOverSocket = ({ httpServer, schema, parts, errors, frontendUrls, contextOf }: GraphQLSocketOptions) => {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes })
  const told = (found: readonly unknown[]): readonly GraphQLFormattedError[] =>
    mapGraphQLErrors(found, errors).map(({ formatted }) => formatted)

  const checked = (
    context: SocketContext,
    id: string,
    { query, variables, operationName }: { query: string; variables?: unknown; operationName?: string | null | undefined },
  ) => {
    const open = context.extra.operations ?? new Set()
    context.extra.operations = open
    if (open.size >= maxOperations) throw new WeConnectError('RATE_LIMITED', `One connection may have ${maxOperations} operations open`)
    checkQueryText(query)
    const document = parse(query)
    checkDepth(document)
    const invalid = validate(schema, document, specifiedRules)
    if (invalid.length > 0) return invalid
    checkQuery(schema, document, { identity: context.extra.identity, variables, operationName })
    open.add(id)
    return document
  }

  const options: ServerOptions<Record<string, unknown>, Extra & Partial<Connected>> = {
    onConnect: async (context) => {
      try {
        const identity = await identityOfConnection(parts, context)
        if (identity !== undefined) context.extra.identity = identity
        return true
      } catch (error) {
        const { code, message } = errors(error)
        context.extra.socket.close(CloseCode.Forbidden, `${code}: ${message}`)
        return false
      }
    },
    onSubscribe: (context, id, payload) => {
      try {
        const document = checked(context, id, payload)
        if (Array.isArray(document)) return document as readonly GraphQLError[]
        const { identity, request } = context.extra
        return {
          schema,
          document: document as Exclude<typeof document, readonly GraphQLError[]>,
          operationName: payload.operationName,
          variableValues: payload.variables,
          contextValue: contextOf({ identity, ip: request.socket.remoteAddress ?? '' }),
        }
      } catch (error) {
        return [error instanceof GraphQLError ? error : new GraphQLError('refused', { originalError: error as Error })]
      }
    },
    onError: (_context, _id, _payload, found) => told(found),
    onNext: (_context, _id, _payload, _args, result) =>
      result.errors === undefined ? result : { ...result, errors: told(result.errors) as readonly GraphQLError[] },
    onComplete: (context, id) => void context.extra.operations?.delete(id),
  }
  const server = useServer(options, sockets)

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const path = request.url?.split('?')[0] ?? ''
    if (path.startsWith('/socket.io/')) return
    if (path !== '/graphql') refuse(socket, '404 Not Found')
    else if (!originAllowed(request, frontendUrls)) refuse(socket, '403 Forbidden')
    else sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit('connection', ws, request))
  }
  httpServer.on('upgrade', upgrade)

  return {
    close: async () => {
      httpServer.off('upgrade', upgrade)
      await server.dispose()
    },
  }
}
