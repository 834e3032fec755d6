import { WeConnectError } from '@weconnect/contracts/errors'
import type { CredentialType } from './credential-type.ts'
import { genericTypes } from './generic.ts'

const byName: ReadonlyMap<string, CredentialType> = new Map(genericTypes.map((type) => [type.name, type]))

export const credentialTypes: readonly CredentialType[] = [...byName.values()]

/** @throws WeConnectError INVALID_INPUT naming the types there are */
export const credentialTypeOf = (name: string): CredentialType => {
  const type = byName.get(name)
  if (type) return type
  throw new WeConnectError(
    'INVALID_INPUT',
    `There is no credential type "${name.slice(0, 60)}"; there are ${[...byName.keys()].join(', ')}`,
  )
}
