import { WeConnectError } from '@weconnect/contracts/errors'
import type { UserEvent } from '@weconnect/contracts/events/user'
import type { Role } from './permissions.ts'

export interface PresentUser {
  readonly status: 'present'
  readonly userId: string
  readonly organisationId: string
  readonly email: string
  readonly passwordHash: string
  readonly role: Role
}
export type User = { readonly status: 'absent' } | PresentUser

export type UserCommand =
  | {
      readonly type: 'RegisterUser'
      readonly userId: string
      readonly organisationId: string
      readonly email: string
      readonly passwordHash: string
      readonly role: Role
    }
  | { readonly type: 'RecordSignIn'; readonly userId: string; readonly tokenId: string }

export const noUser: User = { status: 'absent' }

/** One spelling of an address: it decides the id of the user. */
export const normalEmail = (raw: string): string => {
  const email = raw.trim().toLowerCase()
  if (!/^[^\s@]{1,64}@[^\s@]{1,190}$/.test(email)) throw new WeConnectError('INVALID_INPUT', 'That is not an e-mail address')
  return email
}

export const decideUser = (command: UserCommand, user: User): UserEvent[] => {
  switch (command.type) {
    case 'RegisterUser': {
      if (user.status === 'present') throw new WeConnectError('INVALID_STATE', 'A user with this address exists already')
      const { userId, organisationId, email, passwordHash, role } = command
      return [{ type: 'UserRegistered', data: { userId, organisationId, email: normalEmail(email), passwordHash, role } }]
    }
    case 'RecordSignIn':
      if (user.status === 'absent') throw new WeConnectError('NOT_FOUND', 'There is no such user')
      return [{ type: 'UserSignedIn', data: { tokenId: command.tokenId } }]
  }
}

export const evolveUser = (user: User, event: UserEvent): User => {
  switch (event.type) {
    case 'UserRegistered': {
      const { userId, organisationId, email, passwordHash, role } = event.data
      return { status: 'present', userId, organisationId, email: String(email), passwordHash: String(passwordHash), role }
    }
    case 'UserSignedIn':
      return user
  }
}
