import { type ErrorCode, errorCodes, WeConnectError } from '@weconnect/contracts/errors'
import type { FastifyBaseLogger } from 'fastify'
import { GraphQLError } from 'graphql/index.js'
import { expect, test } from 'vitest'
import { mapGraphQLErrors } from './graphql/errors.ts'
import { errorBody, openErrorMap } from './public-errors.ts'

const openMap = () => {
  const logged: unknown[] = []
  const log = { error: (entry: unknown) => logged.push(entry) } as unknown as FastifyBaseLogger
  return { logged, map: openErrorMap(log, () => 'id-1') }
}

test.each(Object.keys(errorCodes) as ErrorCode[])('%s keeps its code and message; only what is our fault is logged', (code) => {
  const { logged, map } = openMap()
  const told = map(new WeConnectError(code, 'said', { problems: [{ code, message: 'there' }] }))
  expect(told).toMatchObject({ code, message: 'said', status: errorCodes[code].status, problems: [{ message: 'there' }] })
  expect(logged).toHaveLength(errorCodes[code].status >= 500 ? 1 : 0)
})

test('an unknown error says nothing but an id, on REST and in GraphQL', () => {
  const { logged, map } = openMap()
  const error = Object.assign(new Error('password=hunter2'), { statusCode: 418, code: 'SECRET' })
  expect(errorBody(map(error))).toEqual({ error: { code: 'INTERNAL', message: 'Internal error', errorId: 'id-1' } })
  const located = new GraphQLError(error.message, { path: ['me'], originalError: error })
  expect(mapGraphQLErrors([located], map).map(({ formatted }) => formatted)).toEqual([
    { message: 'Internal error', path: ['me'], extensions: { code: 'INTERNAL', errorId: 'id-1' } },
  ])
  expect(logged).toEqual([
    { err: error, errorId: 'id-1' },
    { err: error, errorId: 'id-1' },
  ])
})

test('a field that is null against the schema is our fault, a query against the schema is not', () => {
  const { logged, map } = openMap()
  const codes = (error: GraphQLError) => mapGraphQLErrors([error], map).map(({ formatted }) => formatted.extensions?.['code'])
  expect(codes(new GraphQLError('Cannot return null for non-nullable field', { path: ['me'] }))).toEqual(['INTERNAL'])
  expect(codes(new GraphQLError('Cannot query field "x"'))).toEqual(['QUERY_INVALID'])
  expect(logged).toHaveLength(1)
})

test('a query of a thousand mistakes gets twenty lines', () => {
  const { map } = openMap()
  const refused = Object.assign(new Error('Graphql validation error'), {
    code: 'MER_ERR_GQL_VALIDATION',
    errors: Array.from({ length: 1000 }, () => new GraphQLError('wrong')),
  })
  expect(mapGraphQLErrors([refused], map)).toHaveLength(20)
})
