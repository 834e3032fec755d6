import { isWeConnectError } from '@weconnect/contracts/errors'
import type { Keyring } from '@weconnect/secrets/port'
import type { Blobs } from './port.ts'

/** New keys come from `now`; what was sealed with those of `earlier` still opens. */
export const withEarlierKeys = (now: Keyring, earlier: Keyring): Keyring => ({
  sealing: (organisationId) => now.sealing(organisationId),
  find: (keyId) => now.find(keyId) ?? earlier.find(keyId),
  derive: (purpose) => now.derive(purpose),
})

/** New blobs go to `now`; those that are not there are looked for in `earlier`. */
export const withEarlierBlobs = (now: Blobs, earlier: Blobs): Blobs => ({
  put: (organisationId, bytes, key) => now.put(organisationId, bytes, key),
  get: async (address, key) => {
    try {
      return await now.get(address, key)
    } catch (error) {
      if (!isWeConnectError(error, 'PAYLOAD_UNREADABLE')) throw error
      return earlier.get(address, key).catch(() => {
        throw error
      })
    }
  },
})
