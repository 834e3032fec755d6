import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject } from '@weconnect/contracts/json'
import type { Keyring } from '@weconnect/secrets/port'
import { open, seal } from '@weconnect/secrets/seal'
import type { Sealed } from './credential.ts'

/** Which secret: it opens in its place only. */
export interface SecretPlace {
  readonly organisationId: string
  readonly credentialId: string
  readonly part: 'data' | 'tokens'
}

const aadOf = ({ organisationId, credentialId, part }: SecretPlace): Buffer =>
  Buffer.from(`weconnect credential\n${organisationId}\n${credentialId}\n${part}`)

/** Credentials have a key of their own per organisation, so that a key for payloads opens none of them. */
export const sealSecrets = async (keyring: Keyring, place: SecretPlace, secrets: JsonObject): Promise<Sealed> => {
  const { keyId, key } = await keyring.sealing(`${place.organisationId}/credentials`)
  return { keyId, sealed: seal(key, Buffer.from(JSON.stringify(secrets)), aadOf(place)).toString('base64') }
}

/** @throws WeConnectError PAYLOAD_UNREADABLE when the key is gone or it was sealed for another place */
export const openSecrets = (keyring: Keyring, place: SecretPlace, { keyId, sealed }: Sealed): JsonObject => {
  const key = keyring.find(keyId)
  if (key === undefined) throw new WeConnectError('PAYLOAD_UNREADABLE', `The key of credential ${place.credentialId} was destroyed`)
  try {
    return JSON.parse(open(key, Buffer.from(sealed, 'base64'), aadOf(place)).toString()) as JsonObject
  } catch {
    throw new WeConnectError('PAYLOAD_UNREADABLE', `Credential ${place.credentialId} cannot be opened`)
  }
}
