import type { JsonValue } from '@weconnect/contracts/json'
import { isJsonObject } from '@weconnect/contracts/json'
import type { Call } from './calls.ts'
import { isOwnStream } from './receipt.ts'
import { accessDenied, notAuthenticated } from './refusal.ts'
import type { StreamLog } from './stream-log.ts'
import { isMetadataStream, subjectOf } from './stream-metadata.ts'
import { type Authenticator, adminGroup, type Caller, operatorGroup } from './users.ts'

export type StreamRight = 'read' | 'write' | 'delete' | 'read metadata' | 'write metadata'

/** Its members, and administrators, may append to WeConnect's own streams. */
export const weconnectGroup = '$weconnect'
const everybody = '$all'

const aclKeys = { read: '$r', write: '$w', delete: '$d', 'read metadata': '$mr', 'write metadata': '$mw' } as const

const rolesIn = (value: JsonValue | undefined): readonly string[] | undefined => {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((role) => typeof role === 'string') : undefined
}

/** Without TLS there is nobody to know: every caller may do everything that this door allows. */
const anybody: Caller = { name: 'anonymous', groups: [adminGroup, operatorGroup] }

/**
 * Who calls, and what they may do. A stream's own list of rights counts; without one everybody who has an account may use a stream, and
 * administrators those whose names begin with `$`.
 * @param users absent: no authentication
 * @param readOnly nobody may change anything by this door
 */
export const openAccess = ({ log, users, readOnly }: { log: StreamLog; users: Authenticator | undefined; readOnly: boolean }) => {
  const isIn = (caller: Caller, role: string): boolean => role === everybody || role === caller.name || caller.groups.includes(role)
  const isAdmin = (caller: Caller): boolean => caller.name === 'admin' || caller.groups.includes(adminGroup)

  const rolesFor = async (right: StreamRight, stream: string): Promise<readonly string[]> => {
    const { written } = await log.metadataOf(stream)
    const acl = written['$acl']
    const listed = isJsonObject(acl) ? rolesIn(acl[aclKeys[right]]) : undefined
    return listed ?? (stream.startsWith('$') ? [adminGroup] : [everybody])
  }

  /** A metadata stream is protected by the rights of the stream that it describes. */
  const asked = (right: StreamRight, stream: string): [StreamRight, string] =>
    isMetadataStream(stream) ? [right === 'read' ? 'read metadata' : 'write metadata', subjectOf(stream)] : [right, stream]

  const mayChangeOwn = (caller: Caller): boolean => isAdmin(caller) || caller.groups.includes(weconnectGroup)

  return {
    /** @throws Refusal when the credentials are wrong or missing */
    who: async ({ metadata }: Call): Promise<Caller> => {
      if (!users) return anybody
      const [header] = metadata.get('authorization')
      const caller = header === undefined ? undefined : await users.authenticate(String(header))
      if (!caller) throw notAuthenticated()
      return caller
    },
    /** @throws Refusal */
    check: async (caller: Caller, wanted: StreamRight, name: string): Promise<void> => {
      const [right, stream] = asked(wanted, name)
      const changes = right !== 'read' && right !== 'read metadata'
      if (changes && (readOnly || (isOwnStream(stream) && !mayChangeOwn(caller)))) throw accessDenied()
      if (isAdmin(caller)) return
      const roles = await rolesFor(right, stream)
      if (!roles.some((role) => isIn(caller, role))) throw accessDenied()
    },
    /** For what changes the server: @throws Refusal unless the caller is an administrator, or an operator */
    checkOperator: (caller: Caller): void => {
      if (readOnly) throw accessDenied()
      if (!isAdmin(caller) && !caller.groups.includes(operatorGroup)) throw accessDenied()
    },
    /** For what changes accounts: @throws Refusal */
    checkAdmin: (caller: Caller): void => {
      if (readOnly || !isAdmin(caller)) throw accessDenied()
    },
  }
}
export type Access = ReturnType<typeof openAccess>
