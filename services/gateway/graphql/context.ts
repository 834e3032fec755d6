import { type Action, authorise, type Principal } from '@weconnect/admin/permissions'
import { decodeCursor } from '@weconnect/contracts/cursor'
import type { Context } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Identity } from '../authentication.ts'
import type { GatewayParts } from '../face.ts'
import { type Loaders, openLoaders } from './loaders.ts'

type ReadModelName = 'run-logs' | 'search' | 'performance-metrics'

/** What the resolvers of one request, or of one subscription, share. */
export interface GraphContext {
  readonly parts: GatewayParts
  readonly identity: Identity | undefined
  /** Address of the client. */
  readonly ip: string
  readonly requestId: string
  /** Counts a sign-in of this address. @throws WeConnectError RATE_LIMITED */
  readonly countSignIn: () => Promise<void>
  readonly loaders: () => Loaders
}

export const graphContext = (given: Omit<GraphContext, 'loaders'>): GraphContext => {
  let loaders: Loaders | undefined
  return {
    ...given,
    loaders: () => {
      loaders ??= openLoaders(given.parts, signedIn(given).organisationId)
      return loaders
    },
  }
}

const signedIn = ({ identity }: Pick<GraphContext, 'identity'>): Principal => {
  if (identity === undefined) throw new WeConnectError('UNAUTHENTICATED', 'Authentication is required')
  return identity.principal
}

/** Who asks, when they may. @throws WeConnectError UNAUTHENTICATED, FORBIDDEN */
export const allowed = (context: GraphContext, action: Action): Principal => {
  const principal = signedIn(context)
  authorise(principal, action)
  return principal
}

/** The context of a command of this request. */
export const commandContext = ({ requestId }: GraphContext, { userId, organisationId }: Principal): Context => ({
  actor: `user:${userId}`,
  organisationId,
  correlationId: requestId,
  causationId: requestId,
})

/**
 * Waits until the read models show what was written up to `atLeast`.
 * @param names of those that are read, where another server than PostgreSQL may keep them: nobody else waits for those while it is away
 * @throws WeConnectError PROJECTION_BEHIND after 5 s
 */
export const readable = async (
  { parts }: GraphContext,
  atLeast: string | null | undefined,
  names?: readonly ReadModelName[],
): Promise<void> => {
  if (atLeast) await parts.projector.waitFor(decodeCursor(atLeast, parts.journal.logId).position, names && { names })
}
