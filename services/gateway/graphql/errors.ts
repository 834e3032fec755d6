import { WeConnectError } from '@weconnect/contracts/errors'
import { GraphQLError, type GraphQLFormattedError } from 'graphql/index.js'
import type { ErrorMap, PublicError } from '../public-errors.ts'

export interface MappedError {
  readonly status: number
  readonly formatted: GraphQLFormattedError
}

/** GraphQL's own errors wrap what a resolver threw, sometimes more than once. */
const causeOf = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError !== undefined ? causeOf(error.originalError) : error

/** Errors of the query itself, which have no path because nothing was resolved; their messages speak of the query only. */
const invalidQuery = ({ path, message }: GraphQLError): WeConnectError | undefined => {
  if (path !== undefined) return undefined
  return new WeConnectError('QUERY_INVALID', message === 'Validation aborted.' ? tooMuchToCheck : message)
}
const tooMuchToCheck = 'The query repeats too many fields or fragments to be checked; name each once'

const formatted = (error: unknown, { code, message, problems, errorId }: PublicError): GraphQLFormattedError => ({
  message,
  ...(error instanceof GraphQLError && error.locations !== undefined && { locations: error.locations }),
  ...(error instanceof GraphQLError && error.path !== undefined && { path: error.path }),
  extensions: { code, ...(problems.length > 0 && { problems }), ...(errorId !== undefined && { errorId }) },
})

/** mercurius puts the errors of a query that it refused into `errors` of its own. */
const listed = (error: unknown): readonly unknown[] => {
  const cause = causeOf(error)
  const errors = typeof cause === 'object' && cause !== null && 'errors' in cause ? cause.errors : undefined
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  return Array.isArray(errors) && code === 'MER_ERR_GQL_VALIDATION' ? errors : [error]
}

/** Most errors that one answer lists: a query of a thousand unknown fields gets no thousand lines. */
const maxListed = 20

export const mapGraphQLErrors = (errors: readonly unknown[], map: ErrorMap): readonly MappedError[] =>
  errors
    .flatMap(listed)
    .slice(0, maxListed)
    .map((error) => {
      const cause = causeOf(error)
      const known = cause instanceof GraphQLError ? (invalidQuery(cause) ?? cause) : cause
      const told = map(known)
      return { status: told.status, formatted: formatted(error, told) }
    })
