import { WeConnectError } from '@weconnect/contracts/errors'
import { type DocumentNode, type GraphQLSchema, getOperationAST, Kind } from 'graphql/index.js'
import type { Identity } from '../../authentication.ts'
import { checkCost } from './query-cost.ts'

/** What may be asked without a token: to sign in, and what the schema is. */
const isPublic = (name: string): boolean => name === 'signIn' || name.startsWith('__')

/**
 * Checks a valid query before it runs, the same on HTTP and on a websocket.
 * @throws WeConnectError UNAUTHENTICATED, QUERY_INVALID, QUERY_TOO_COSTLY
 */
export const checkQuery = (
  schema: GraphQLSchema,
  document: DocumentNode,
  { identity, variables, operationName }: { identity: Identity | undefined; variables: unknown; operationName?: string | null | undefined },
): void => {
  const operation = getOperationAST(document, operationName)
  const selections = operation?.selectionSet.selections ?? []
  if (identity === undefined && !selections.every((selection) => selection.kind === Kind.FIELD && isPublic(selection.name.value)))
    throw new WeConnectError('UNAUTHENTICATED', 'Authentication is required')
  // One password check costs as much as thousands of fields.
  if (selections.filter((selection) => selection.kind === Kind.FIELD && selection.name.value === 'signIn').length > 1)
    throw new WeConnectError('QUERY_TOO_COSTLY', 'Sign in once per request')
  checkCost(schema, document, (variables ?? {}) as Readonly<Record<string, unknown>>)
}
