import { createHash, randomBytes, randomUUID, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { status } from '@grpc/grpc-js'
import { Refusal } from './refusal.ts'
import type { StreamLog } from './stream-log.ts'

export interface Caller {
  readonly name: string
  readonly groups: readonly string[]
}

export const adminGroup = '$admins'
export const operatorGroup = '$ops'

export interface Authenticator {
  /** @param header of basic authentication */
  authenticate(header: string): Promise<Caller | undefined>
}

export interface User extends Caller {
  readonly fullName: string
  readonly disabled: boolean
  /** Milliseconds since the epoch. */
  readonly updated: number
}
interface StoredUser extends User {
  readonly salt: string
  readonly hash: string
}

const derive = promisify<string, Buffer, number, Buffer>(scrypt)
const hashBytes = 32
const saltBytes = 16
const rememberedLogins = 1000

const notFound = (login: string): Refusal =>
  new Refusal(status.NOT_FOUND, 'user-not-found', `User '${login}' is not found.`, { 'login-name': login })
const taken = (login: string): Refusal =>
  new Refusal(status.FAILED_PRECONDITION, 'user-conflict', `User '${login}' already exists.`, { 'login-name': login })

/** A start that was cut off may have made one of two accounts. */
const ignoreTaken = (error: unknown): void => {
  if (!(error instanceof Refusal) || error.exception !== 'user-conflict') throw error
}

const streamOf = (login: string): string => `$user-${login}`
const listStream = '$users'
const none = Buffer.alloc(0)

const parseBasic = (header: string): { name: string; password: string } | undefined => {
  const [, encoded] = /^basic\s+(\S+)$/i.exec(header) ?? []
  const [, name, password] = /^([^:]+):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? []
  return name === undefined || password === undefined ? undefined : { name, password }
}

const withPassword = async (password: string): Promise<Pick<StoredUser, 'salt' | 'hash'>> => {
  const salt = randomBytes(saltBytes)
  return { salt: salt.toString('base64'), hash: (await derive(password, salt, hashBytes)).toString('base64') }
}

const matches = async ({ salt, hash }: StoredUser, password: string): Promise<boolean> =>
  timingSafeEqual(await derive(password, Buffer.from(salt, 'base64'), hashBytes), Buffer.from(hash, 'base64'))

/** One account, `admin`, for a server that keeps none. */
export const onlyAdmin = (password: string): Authenticator => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  const expected = digest(`admin:${password}`)
  return {
    authenticate: async (header) => {
      const given = parseBasic(header)
      const right = given !== undefined && timingSafeEqual(digest(`${given.name}:${given.password}`), expected)
      return right ? { name: 'admin', groups: [adminGroup] } : undefined
    },
  }
}

/** The accounts of this server, in streams of the log that only administrators can read. Passwords are kept as scrypt hashes. */
export const openUsers = ({ log, now }: { log: StreamLog; now: () => number }) => {
  /** Credentials that were right, by their hash: deriving a key takes longer than most calls. Forgotten at every change of an account. */
  const right = new Map<string, Caller>()

  const stored = async (login: string): Promise<StoredUser | undefined> => {
    const visible = await log.visibleOf(streamOf(login))
    const last = visible && (await log.lastOf(streamOf(login)))
    return last ? (JSON.parse(last.data.toString()) as StoredUser) : undefined
  }
  const existing = async (login: string): Promise<StoredUser> => {
    const user = await stored(login)
    if (!user) throw notFound(login)
    return user
  }

  const put = async (user: Omit<StoredUser, 'updated'>, expected: 'none' | 'any'): Promise<void> => {
    const data = Buffer.from(JSON.stringify({ ...user, updated: now() }))
    const outcome = await log.append(streamOf(user.name), expected, [{ id: randomUUID(), type: '$User', json: true, data, metadata: none }])
    if (outcome.kind === 'wrong version') throw taken(user.name)
    right.clear()
  }

  const create = async (user: Pick<User, 'name' | 'fullName' | 'groups'>, password: string): Promise<void> => {
    await put({ ...user, disabled: false, ...(await withPassword(password)) }, 'none')
    const data = Buffer.from(JSON.stringify({ loginName: user.name }))
    await log.append(listStream, 'any', [{ id: randomUUID(), type: '$UserCreated', json: true, data, metadata: none }])
  }

  const check = async (header: string): Promise<Caller | undefined> => {
    const given = parseBasic(header)
    const user = given && (await stored(given.name))
    if (!given || !user || user.disabled || !(await matches(user, given.password))) return undefined
    return { name: user.name, groups: user.groups }
  }

  return {
    /** Makes the accounts that every server has, `admin` and `ops`, with this password, unless they are there. @returns whether it did */
    ensureDefaults: async (password: string): Promise<boolean> => {
      if (await stored('admin')) return false
      await create({ name: 'ops', fullName: 'WeConnect Event Store Operator', groups: [operatorGroup] }, password).catch(ignoreTaken)
      await create({ name: 'admin', fullName: 'WeConnect Event Store Administrator', groups: [adminGroup] }, password)
      return true
    },
    /** @param header of basic authentication */
    authenticate: async (header: string): Promise<Caller | undefined> => {
      const key = createHash('sha256').update(header).digest('base64')
      const known = right.get(key)
      if (known) return known
      const caller = await check(header)
      if (!caller) return undefined
      if (right.size >= rememberedLogins) right.clear()
      right.set(key, caller)
      return caller
    },
    create,
    update: async (login: string, change: Pick<User, 'fullName' | 'groups'>, password: string): Promise<void> =>
      put({ ...(await existing(login)), ...change, ...(password === '' ? {} : await withPassword(password)) }, 'any'),
    setDisabled: async (login: string, disabled: boolean): Promise<void> => put({ ...(await existing(login)), disabled }, 'any'),
    remove: async (login: string): Promise<void> => {
      await existing(login)
      await log.delete(streamOf(login), 'any')
      right.clear()
    },
    /** @throws Refusal when there is no such account */
    details: (login: string): Promise<User> => existing(login),
    list: async (): Promise<User[]> => {
      const visible = await log.visibleOf(listStream)
      const names = new Set<string>()
      if (visible) {
        for await (const { data } of log.readVisible(listStream, visible, 0, false, Number.POSITIVE_INFINITY))
          names.add((JSON.parse(data.toString()) as { loginName: string }).loginName)
      }
      const users = await Promise.all([...names].map(stored))
      return users.filter((user) => user !== undefined)
    },
    /** @throws Refusal when the current password is wrong */
    changePassword: async (login: string, current: string, next: string): Promise<void> => {
      const user = await existing(login)
      if (!(await matches(user, current))) throw new Refusal(status.PERMISSION_DENIED, 'access-denied', 'Access Denied')
      await put({ ...user, ...(await withPassword(next)) }, 'any')
    },
    resetPassword: async (login: string, next: string): Promise<void> =>
      put({ ...(await existing(login)), ...(await withPassword(next)) }, 'any'),
  }
}
export type Users = ReturnType<typeof openUsers>
