import type { Context } from '@weconnect/contracts/envelope'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { OrganisationEvent } from '@weconnect/contracts/events/organisation'
import type { UserEvent } from '@weconnect/contracts/events/user'
import { streamOf } from '@weconnect/contracts/ids'
import { commandHandler } from '@weconnect/eventstore/command-handler'
import type { Journal } from '@weconnect/eventstore/journal'
import type { Keyring } from '@weconnect/secrets/port'
import { v5 as uuid5 } from 'uuid'
import { type CreateOrganisation, decideOrganisation, evolveOrganisation, noOrganisation, type Organisation } from './organisation.ts'
import { hashPassword, passwordMatches, unmatchableHash } from './passwords.ts'
import type { Principal } from './permissions.ts'
import { openTokens } from './tokens.ts'
import { decideUser, evolveUser, normalEmail, noUser, type PresentUser, type User, type UserCommand } from './user.ts'

const namespace = '6f1d0c4e-6f0a-4d7b-9a3e-2f6c1f0f5b11'
/** The organisation of the first start; its id is fixed, so that every later start finds it. */
export const defaultOrganisationId = uuid5('organisation:default', namespace)
export const userIdOf = (email: string): string => uuid5(`user:${normalEmail(email)}`, namespace)

const signInTtlSeconds = 12 * 3600
const maxTtlSeconds = 365 * 24 * 3600

export interface AdminParts {
  readonly journal: Journal
  readonly keyring: Keyring
  readonly newId: () => string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly random: (bytes: number) => Buffer
}

export interface SignedIn {
  readonly token: string
  /** ISO 8601, UTC. */
  readonly expiresAt: string
  readonly user: UserView
}

/** A user without what is secret. */
export type UserView = Omit<PresentUser, 'status' | 'passwordHash'>

export interface Owner extends UserView {
  /** Only when this call made the owner and no password was given: it is not kept anywhere. */
  readonly generatedPassword?: string
}

export interface Admin {
  /** Makes the organisation and its owner when they do not exist yet. */
  ensureOwner(request: { readonly email: string; readonly password?: string }): Promise<Owner>
  /** @throws WeConnectError UNAUTHENTICATED, the same for an unknown address and a wrong password */
  signIn(email: string, password: string): Promise<SignedIn>
  /** @param ttlSeconds 1 to 31,536,000; default 12 hours. @throws WeConnectError NOT_FOUND, INVALID_INPUT */
  issueToken(userId: string, ttlSeconds?: number): Promise<{ readonly token: string; readonly expiresAt: string }>
  /** @throws WeConnectError UNAUTHENTICATED, TOKEN_EXPIRED */
  verifyToken(token: string, nowMs?: number): Promise<Principal>
  /** @throws WeConnectError NOT_FOUND */
  user(userId: string): Promise<UserView>
}

const system = (newId: () => string, organisationId: string, actor = 'system'): Context => {
  const id = newId()
  return { actor, organisationId, correlationId: id, causationId: id }
}

const viewOf = ({ userId, organisationId, email, role }: PresentUser): UserView => ({ userId, organisationId, email, role })

export const openAdmin = ({ journal, keyring, newId, now, random }: AdminParts): Admin => {
  const organisations = commandHandler<CreateOrganisation, Organisation, OrganisationEvent>({
    journal,
    initial: noOrganisation,
    decide: decideOrganisation,
    evolve: evolveOrganisation,
    streamOf: ({ organisationId }) => streamOf('organisation', organisationId),
  })
  const users = commandHandler<UserCommand, User, UserEvent>({
    journal,
    initial: noUser,
    decide: decideUser,
    evolve: evolveUser,
    streamOf: ({ userId }) => streamOf('user', userId),
  })
  const tokens = openTokens(keyring.derive('jwt'))

  const find = async (userId: string): Promise<User> => (await users.load(streamOf('user', userId))).state
  const present = async (userId: string): Promise<PresentUser> => {
    const user = await find(userId)
    if (user.status === 'absent') throw new WeConnectError('NOT_FOUND', 'There is no such user')
    return user
  }

  const register = async (userId: string, email: string, password: string): Promise<void> => {
    const passwordHash = await hashPassword(password, random(16))
    const organisationId = defaultOrganisationId
    const command = { type: 'RegisterUser', userId, organisationId, email, passwordHash, role: 'owner' } as const
    await users(command, system(newId, organisationId))
  }

  const issue = async (user: PresentUser, ttlSeconds: number) => {
    if (!(Number.isInteger(ttlSeconds) && ttlSeconds >= 1 && ttlSeconds <= maxTtlSeconds))
      throw new WeConnectError('INVALID_INPUT', `A token lives 1 to ${maxTtlSeconds} seconds`)
    const tokenId = newId()
    const nowMs = now()
    await users({ type: 'RecordSignIn', userId: user.userId, tokenId }, system(newId, user.organisationId, `user:${user.userId}`))
    const token = await tokens.issue({ principal: user, tokenId, nowMs, ttlSeconds })
    return { token, expiresAt: new Date(Math.floor(nowMs / 1000 + ttlSeconds) * 1000).toISOString() }
  }

  return {
    ensureOwner: async ({ email, password }) => {
      const organisationId = defaultOrganisationId
      const create = { type: 'CreateOrganisation', organisationId, name: 'Default organisation' } as const
      await organisations(create, system(newId, organisationId))
      const userId = userIdOf(email)
      if ((await find(userId)).status === 'present') return viewOf(await present(userId))
      const chosen = password ?? random(18).toString('base64url')
      try {
        await register(userId, email, chosen)
      } catch (error) {
        // Another process that starts was faster.
        if (isWeConnectError(error, 'INVALID_STATE')) return viewOf(await present(userId))
        throw error
      }
      return { ...viewOf(await present(userId)), ...(password === undefined && { generatedPassword: chosen }) }
    },
    signIn: async (email, password) => {
      const user = await find(userIdOf(email))
      const matches = await passwordMatches(password, user.status === 'present' ? user.passwordHash : unmatchableHash)
      if (user.status === 'absent' || !matches) throw new WeConnectError('UNAUTHENTICATED', 'Wrong address or password')
      return { ...(await issue(user, signInTtlSeconds)), user: viewOf(user) }
    },
    issueToken: async (userId, ttlSeconds = signInTtlSeconds) => issue(await present(userId), ttlSeconds),
    verifyToken: (token, nowMs = now()) => tokens.verify(token, nowMs),
    user: async (userId) => viewOf(await present(userId)),
  }
}
