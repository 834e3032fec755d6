import { createHmac } from 'node:crypto'
import { WeConnectError } from '@weconnect/contracts/errors'

/** `{organisation id}/{hmac}`: nothing that could leave a folder. */
const addressShape = /^([0-9A-Za-z_-]{1,64})\/([0-9a-f]{64})$/

/** @throws WeConnectError PAYLOAD_UNREADABLE */
export const parseAddress = (address: string): { readonly organisationId: string; readonly hmac: string } => {
  const [, organisationId, hmac] = addressShape.exec(address) ?? []
  if (organisationId && hmac) return { organisationId, hmac }
  throw new WeConnectError('PAYLOAD_UNREADABLE', `"${address.slice(0, 80)}" is not the address of a blob`)
}

/** @param addressKey 32 bytes of the organisation */
export const addressOf = (organisationId: string, bytes: Buffer, keyId: string, addressKey: Buffer): string =>
  `${organisationId}/${createHmac('sha256', addressKey).update(`${keyId}\n`).update(bytes).digest('hex')}`
