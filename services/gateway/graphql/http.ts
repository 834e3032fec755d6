import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject } from '@weconnect/contracts/json'
import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { type GraphQLError, type GraphQLSchema, getOperationAST, OperationTypeNode } from 'graphql/index.js'
import { mercurius } from 'mercurius'
import { parseJson } from '../json-body.ts'
import type { ErrorMap } from '../public-errors.ts'
import type { GraphContext } from './context.ts'
import { mapGraphQLErrors } from './errors.ts'
import { checkQuery } from './limits/query-guard.ts'
import { checkDepth, checkQueryText } from './limits/query-limits.ts'

export interface GraphQLHttpOptions {
  readonly schema: GraphQLSchema
  readonly errors: ErrorMap
  readonly contextOf: (request: FastifyRequest) => GraphContext
}

/** mercurius takes whatever comes as a query; this says what a request is. @throws WeConnectError QUERY_INVALID */
const checkShape = (body: unknown): void => {
  if (!isJsonObject(body)) throw new WeConnectError('QUERY_INVALID', 'Send {query, variables, operationName}')
  const { query, variables, operationName } = body
  if (typeof query !== 'string' || query.trim() === '') throw new WeConnectError('QUERY_INVALID', 'The request has no query')
  if (variables !== undefined && variables !== null && !isJsonObject(variables))
    throw new WeConnectError('QUERY_INVALID', 'variables must be an object')
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string')
    throw new WeConnectError('QUERY_INVALID', 'operationName must be a text')
}

/** What a GET asks: its variables are a text. @throws WeConnectError MALFORMED_JSON */
const readQueryString = (asked: unknown): unknown => {
  if (!isJsonObject(asked) || typeof asked['variables'] !== 'string') return asked
  return { ...asked, variables: parseJson('variables', asked['variables']) }
}

/** POST and GET /graphql. */
export const graphqlOverHttp: FastifyPluginAsync<GraphQLHttpOptions> = async (app, { schema, errors, contextOf }) => {
  app.addHook('preValidation', async (request) => {
    if (request.routeOptions.url !== '/graphql') return
    checkShape(request.method === 'POST' ? request.body : readQueryString(request.query))
  })
  await app.register(mercurius, {
    schema,
    path: '/graphql',
    graphiql: false,
    subscription: false,
    // Parsed queries are far larger than their text: a cache would let anyone fill the memory.
    cache: false,
    // mercurius' response schema would turn the indices of error paths into texts.
    additionalRouteOptions: { schema: {} },
    context: (request) => ({ ...contextOf(request) }),
    errorFormatter: ({ data, errors: found }) => {
      const mapped = mapGraphQLErrors(found ?? [], errors)
      // Refused before it ran: the status says so. Once it ran, the answer is 200 and each error stands at its path.
      const statusCode = data === undefined ? (mapped[0]?.status ?? 500) : 200
      const formatted = mapped.map((error) => error.formatted) as unknown as GraphQLError[]
      return { statusCode, response: { ...(data !== undefined && { data }), errors: formatted } }
    },
  })
  app.graphql.addHook('preParsing', async (_, source) => checkQueryText(source))
  app.graphql.addHook('preValidation', async (_, document) => checkDepth(document))
  app.graphql.addHook('preExecution', async (_, document, context, variables) => {
    const { identity } = context as unknown as GraphContext
    const operationName = operationOf(context.reply.request)
    if (getOperationAST(document, operationName)?.operation === OperationTypeNode.SUBSCRIPTION)
      throw new WeConnectError('QUERY_INVALID', 'Subscriptions need a websocket (graphql-transport-ws)')
    checkQuery(schema, document, { identity, variables, operationName })
  })
}

const operationOf = ({ body, query }: FastifyRequest): string | undefined => {
  const { operationName } = (body ?? query ?? {}) as { operationName?: string }
  return operationName
}
