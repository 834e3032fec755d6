import { randomBytes } from 'node:crypto'
import { access, mkdir, open as openFile, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { WeConnectError } from '@weconnect/contracts/errors'
import { open, seal } from '@weconnect/secrets/seal'
import { addressOf, parseAddress } from './address.ts'
import type { Blobs } from './port.ts'

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await openFile(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const writeSynced = async (path: string, bytes: Buffer): Promise<void> => {
  const handle = await openFile(path, 'wx', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes the folder and syncs every parent that gained an entry. */
const makeFolder = async (folder: string): Promise<void> => {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let made = folder; ; made = dirname(made)) {
    await syncFolder(dirname(made))
    if (made === first) return
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

const storeFile = async (path: string, bytes: Buffer): Promise<void> => {
  const folder = dirname(path)
  await makeFolder(folder)
  const draft = join(folder, `.${randomBytes(8).toString('hex')}.new`)
  try {
    await writeSynced(draft, bytes)
    await rename(draft, path)
    await syncFolder(folder)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined)
    throw error
  }
}

const storageError = (error: unknown): WeConnectError =>
  (error as NodeJS.ErrnoException).code === 'ENOSPC'
    ? new WeConnectError('DISK_FULL', 'The disk that holds the blobs is full: free some space and try again.', { cause: error })
    : new WeConnectError('STORAGE_FAILED', 'A blob could not be written.', { cause: error })

/**
 * Blobs as files: `{folder}/{organisation}/{first two digits}/{hmac}`.
 * @param addressKey 32 bytes per organisation that make its addresses; the same for ever, or nothing is found again
 */
export const openFileBlobs = ({ folder, addressKey }: { folder: string; addressKey: (organisationId: string) => Buffer }): Blobs => {
  const pathOf = (address: string): string => {
    const { organisationId, hmac } = parseAddress(address)
    return join(folder, organisationId, hmac.slice(0, 2), hmac)
  }
  return {
    put: async (organisationId, bytes, { keyId, key }) => {
      const address = addressOf(organisationId, bytes, keyId, addressKey(organisationId))
      const path = pathOf(address)
      if (await isThere(path)) {
        // Another put may have renamed it an instant ago.
        await syncFolder(dirname(path))
        return address
      }
      await storeFile(path, seal(key, bytes, Buffer.from(address))).catch((error: unknown) => {
        throw storageError(error)
      })
      return address
    },
    get: async (address, key) => {
      try {
        return open(key, await readFile(pathOf(address)), Buffer.from(address))
      } catch (error) {
        if (error instanceof WeConnectError) throw error
        throw new WeConnectError('PAYLOAD_UNREADABLE', `The blob ${address} is missing or damaged`, { cause: error })
      }
    },
  }
}
