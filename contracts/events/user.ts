// Generated from contracts/schemas by `./weconnect generate`. Do not edit.
import type { JsonValue } from '../json.ts'

/** A person may sign in. */
export interface UserRegistered {
  readonly type: 'UserRegistered'
  readonly data: {
    /** Id. */
    readonly userId: string
    /** Organisation. */
    readonly organisationId: string
    /** Address, lower case. */
    readonly email: JsonValue
    /** scrypt, with salt and cost. */
    readonly passwordHash: JsonValue
    /** What they may do. */
    readonly role: 'owner' | 'admin' | 'editor' | 'viewer'
  }
}

/** A token was issued. */
export interface UserSignedIn {
  readonly type: 'UserSignedIn'
  readonly data: {
    /** jti of the token. */
    readonly tokenId: string
  }
}

export type UserEvent = UserRegistered | UserSignedIn
