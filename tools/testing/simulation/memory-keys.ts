import { createHash, createHmac } from 'node:crypto'
import type { Blobs } from '@weconnect/blobs/port'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Keyring } from '@weconnect/secrets/port'

/** One key for all. */
export const memoryKeyring = (): Keyring => {
  const key = Buffer.alloc(32, 7)
  const keyId = '00000000-0000-4000-8000-000000000001'
  return {
    sealing: () => ({ keyId, key }),
    find: (id) => (id === keyId ? key : undefined),
    derive: (purpose) => createHmac('sha256', key).update(purpose).digest(),
  }
}

export const memoryBlobs = (): Blobs => {
  const kept = new Map<string, Buffer>()
  return {
    put: async (organisationId, bytes) => {
      const address = `${organisationId}/${createHash('sha256').update(bytes).digest('hex')}`
      kept.set(address, bytes)
      return address
    },
    get: async (address) => {
      const bytes = kept.get(address)
      if (!bytes) throw new WeConnectError('PAYLOAD_UNREADABLE', `There is no blob ${address}`)
      return bytes
    },
  }
}
