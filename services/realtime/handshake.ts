import type { Admin } from '@weconnect/admin/admin'
import type { Principal } from '@weconnect/admin/permissions'
import { publicError, WeConnectError } from '@weconnect/contracts/errors'
import type { Socket } from 'socket.io'

/** What the server keeps of a connection. */
export interface Session {
  readonly token: string
  readonly principal: Principal
}

type Next = (error?: Error & { data?: { code: string; message: string } }) => void

const tokenOf = ({ handshake }: Socket): string => {
  const { token } = handshake.auth
  if (typeof token === 'string') return token
  const [scheme, value] = (handshake.headers.authorization ?? '').split(' ')
  if (scheme?.toLowerCase() === 'bearer' && value) return value
  throw new WeConnectError('UNAUTHENTICATED', 'Authentication is required')
}

/** Middleware: no token, no connection. The client's `connect_error` carries {code, message} as `data`. */
export const authenticated = (admin: Admin) => async (socket: Socket, next: Next) => {
  try {
    const token = tokenOf(socket)
    socket.data = { token, principal: await admin.verifyToken(token) } satisfies Session
    next()
  } catch (error) {
    const { code, message } = publicError(error)
    next(Object.assign(new Error(message), { data: { code, message } }))
  }
}

export const sessionOf = (socket: Socket): Session => socket.data as Session
