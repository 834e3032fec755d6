import { GetObjectCommand, HeadObjectCommand, NoSuchKey, NotFound, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { WeConnectError } from '@weconnect/contracts/errors'
import { open, seal } from '@weconnect/secrets/seal'
import { addressOf, parseAddress } from './address.ts'
import type { Blobs } from './port.ts'
import { s3Client } from './s3-connect.ts'
import { parseS3Url, type S3Settings } from './s3-url.ts'

const unavailable = (what: string, cause: unknown): WeConnectError =>
  new WeConnectError('UNAVAILABLE', `The store of large payloads (BLOB_URL) cannot be ${what} now: ${messageOf(cause)}`, { cause })

const messageOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error))

/**
 * Blobs as objects: `{prefix}{organisation}/{first two digits}/{hmac}`, stored when S3 has said so.
 * @param addressKey 32 bytes per organisation that make its addresses
 */
export const openS3Blobs = (settings: S3Settings, addressKey: (organisationId: string) => Buffer): Blobs & { close(): void } => {
  const { bucket, prefix } = parseS3Url(settings.url)
  const client: S3Client = s3Client(settings)
  const objectOf = (address: string) => {
    const { organisationId, hmac } = parseAddress(address)
    return { Bucket: bucket, Key: `${prefix}${organisationId}/${hmac.slice(0, 2)}/${hmac}` }
  }
  const isThere = async (address: string): Promise<boolean> => {
    try {
      await client.send(new HeadObjectCommand(objectOf(address)))
      return true
    } catch (error) {
      if (error instanceof NotFound) return false
      throw unavailable('asked', error)
    }
  }
  return {
    put: async (organisationId, bytes, { keyId, key }) => {
      const address = addressOf(organisationId, bytes, keyId, addressKey(organisationId))
      if (await isThere(address)) return address
      const sealed = seal(key, bytes, Buffer.from(address))
      await client.send(new PutObjectCommand({ ...objectOf(address), Body: sealed })).catch((error: unknown) => {
        throw unavailable('written', error)
      })
      return address
    },
    get: async (address, key) => {
      const object = objectOf(address)
      const unreadable = (cause: unknown) =>
        new WeConnectError('PAYLOAD_UNREADABLE', `The blob ${address} is missing or damaged`, { cause })
      const sealed = await client.send(new GetObjectCommand(object)).then(
        async ({ Body }) => Buffer.from((await Body?.transformToByteArray()) ?? []),
        (error: unknown) => {
          throw error instanceof NoSuchKey ? unreadable(error) : unavailable('read', error)
        },
      )
      try {
        return open(key, sealed, Buffer.from(address))
      } catch (error) {
        throw unreadable(error)
      }
    },
    close: () => client.destroy(),
  }
}
