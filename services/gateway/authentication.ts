import type { IncomingHttpHeaders } from 'node:http'
import type { Admin } from '@weconnect/admin/admin'
import type { Principal } from '@weconnect/admin/permissions'
import { WeConnectError } from '@weconnect/contracts/errors'

export interface Identity {
  readonly token: string
  readonly principal: Principal
}

/** Value of `Authorization: Bearer ...`; undefined without one. @throws WeConnectError UNAUTHENTICATED for another scheme */
export const bearerOf = (authorization: string | undefined): string | undefined => {
  if (authorization === undefined || authorization === '') return undefined
  const [scheme, token, ...more] = authorization.split(' ')
  if (scheme?.toLowerCase() !== 'bearer' || !token || more.length > 0)
    throw new WeConnectError('UNAUTHENTICATED', 'Authentication is required')
  return token
}

/** Who asks; undefined when no token came. A token that is no good is refused even where none is needed. */
export const identityOf = async (admin: Admin, headers: IncomingHttpHeaders): Promise<Identity | undefined> => {
  const token = bearerOf(headers.authorization)
  return token === undefined ? undefined : { token, principal: await admin.verifyToken(token) }
}
