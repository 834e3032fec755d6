import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import { someAddressKey as addressKey, blobsContract, type OpenedBlobStore } from '@weconnect/testing/contracts/blobs'
import { missingEngines, testEngine } from '@weconnect/testing/engines'
import { expect, test } from 'vitest'
import { openFileBlobs } from './files.ts'
import { openS3Blobs } from './s3.ts'
import { checkS3, s3Client } from './s3-connect.ts'
import { parseS3Url } from './s3-url.ts'
import { withEarlierBlobs } from './with-earlier.ts'

const inFiles = async (): Promise<OpenedBlobStore> => {
  const folder = mkdtempSync(join(tmpdir(), 'weconnect-blobs-'))
  const pathOf = (address: string): string => {
    const [organisation = '', hmac = ''] = address.split('/')
    return join(folder, organisation, hmac.slice(0, 2), hmac)
  }
  return {
    blobs: openFileBlobs({ folder, addressKey }),
    again: openFileBlobs({ folder, addressKey }),
    stored: async () => {
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      return new Map(
        files.map(({ parentPath, name }) => [
          `${relative(folder, parentPath).split(sep)[0]}/${name}`,
          readFileSync(join(parentPath, name)),
        ]),
      )
    },
    replace: async (address, bytes) => writeFileSync(pathOf(address), bytes),
    close: async () => rmSync(folder, { recursive: true }),
  }
}

blobsContract('files', inFiles)

const skip = await missingEngines('minio')
/** A bucket of its own, and a prefix in it. */
const bucketUrl = async (): Promise<string> => {
  const { BLOB_URL = '', ...credentials } = (await testEngine('minio')).variables
  Object.assign(process.env, credentials)
  const url = `${BLOB_URL.replace(/\/[^/]*$/, '')}/test-${randomUUID()}/in/here`
  await checkS3({ url, region: undefined })
  return url
}

blobsContract(
  'S3 (MinIO)',
  async () => {
    const url = await bucketUrl()
    const { bucket: Bucket, prefix } = parseS3Url(url)
    const client = s3Client({ url, region: undefined })
    const [blobs, again] = [openS3Blobs({ url, region: undefined }, addressKey), openS3Blobs({ url, region: undefined }, addressKey)]
    const keyOf = (address: string): string => {
      const [organisation = '', hmac = ''] = address.split('/')
      return `${prefix}${organisation}/${hmac.slice(0, 2)}/${hmac}`
    }
    return {
      blobs,
      again,
      stored: async () => {
        const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }))
        const found = new Map<string, Buffer>()
        for (const { Key = '' } of Contents) {
          const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
          const [organisation, , hmac] = Key.slice(prefix.length).split('/')
          found.set(`${organisation}/${hmac}`, Buffer.from((await Body?.transformToByteArray()) ?? []))
        }
        return found
      },
      replace: async (address, Body) => void (await client.send(new PutObjectCommand({ Bucket, Key: keyOf(address), Body }))),
      close: async () => {
        for (const one of [blobs, again]) one.close()
        client.destroy()
      },
    }
  },
  skip,
)

test.skipIf(skip)('what was put before there was a bucket is still found', async () => {
  const files = await inFiles()
  const key = { keyId: 'k', key: randomBytes(32) }
  const old = await files.blobs.put('org', Buffer.from('old'), key)
  const s3 = openS3Blobs({ url: await bucketUrl(), region: undefined }, addressKey)
  const both = withEarlierBlobs(s3, files.blobs)
  const next = await both.put('org', Buffer.from('new'), key)
  expect([(await both.get(old, key.key)).toString(), (await both.get(next, key.key)).toString()]).toEqual(['old', 'new'])
  await expect(files.blobs.get(next, key.key)).rejects.toMatchObject({ code: 'PAYLOAD_UNREADABLE' })
  await expect(both.get(`org/${'0'.repeat(64)}`, key.key)).rejects.toMatchObject({ code: 'PAYLOAD_UNREADABLE' })
  s3.close()
  await files.close()
})

test('a server that does not answer is told apart from a blob that is missing: with a code that says to try again', async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y', ...process.env })
  const blobs = openS3Blobs({ url: 's3+http://127.0.0.1:1/bucket', region: undefined }, addressKey)
  const key = { keyId: 'k', key: randomBytes(32) }
  await expect(blobs.put('org', Buffer.from('x'), key)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  await expect(blobs.get(`org/${'0'.repeat(64)}`, key.key)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  blobs.close()
})

test.each([
  [
    'nobody there',
    's3+http://127.0.0.1:1/bucket',
    'UNAVAILABLE',
    /BLOB_URL=s3\+http:\/\/127.0.0.1:1\/bucket: its bucket cannot be used .*unset BLOB_URL/,
  ],
  ['no address', 'http://127.0.0.1:9000/bucket', 'CONFIG_INVALID', /BLOB_URL must be s3:\/\/bucket/],
  ['no bucket', 's3+http://127.0.0.1:9000', 'CONFIG_INVALID', /BLOB_URL must be s3:\/\/bucket/],
])('a check says which variable is wrong and what to do: %s', async (_, url, code, message) => {
  await expect(checkS3({ url, region: undefined })).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

test.each([
  ['s3://bucket', { endpoint: undefined, bucket: 'bucket', prefix: '' }],
  ['s3://bucket/a/b/', { endpoint: undefined, bucket: 'bucket', prefix: 'a/b/' }],
  ['s3+https://minio:9000/bucket/x', { endpoint: 'https://minio:9000', bucket: 'bucket', prefix: 'x/' }],
])('%s is read', (url, place) => {
  expect(parseS3Url(url)).toEqual(place)
})
