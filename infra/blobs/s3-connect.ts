import { CreateBucketCommand, HeadBucketCommand, NotFound, S3Client } from '@aws-sdk/client-s3'
import { WeConnectError } from '@weconnect/contracts/errors'
import { parseS3Url, type S3Settings } from './s3-url.ts'

const limitMs = 5_000
const requestLimitMs = 30_000

export const s3Client = ({ url, region }: S3Settings, attempts = 3): S3Client => {
  const { endpoint } = parseS3Url(url)
  return new S3Client({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true, region: region ?? 'us-east-1' }),
    maxAttempts: attempts,
    requestHandler: { connectionTimeout: limitMs, requestTimeout: requestLimitMs },
  })
}

/**
 * Asks once for the bucket, and makes it when there is none.
 * @throws WeConnectError CONFIG_INVALID or UNAVAILABLE, naming the variable, what failed and what to do
 */
export const checkS3 = async (settings: S3Settings): Promise<void> => {
  const { url } = settings
  const { bucket } = parseS3Url(url)
  const client = s3Client(settings, 2)
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket })).catch(async (error: unknown) => {
      if (!(error instanceof NotFound)) throw error
      await client.send(new CreateBucketCommand({ Bucket: bucket }))
    })
  } catch (cause) {
    throw new WeConnectError(
      'UNAVAILABLE',
      `BLOB_URL=${url}: its bucket cannot be used (${reasonOf(cause)}). Start the server, correct the variable or the AWS_ variables that prove who asks, or unset BLOB_URL: then payloads are files.`,
      { cause },
    )
  } finally {
    client.destroy()
  }
}

/** Asks for the bucket whenever it is told to, over connections that it keeps. */
export const openS3Probe = (settings: S3Settings): { ask(): Promise<void>; close(): void } => {
  const { bucket } = parseS3Url(settings.url)
  const client = s3Client(settings, 1)
  return {
    ask: async () => {
      await client.send(new HeadBucketCommand({ Bucket: bucket })).catch((cause: unknown) => {
        throw new WeConnectError('UNAVAILABLE', `BLOB_URL=${settings.url}: its bucket cannot be used (${reasonOf(cause)})`, { cause })
      })
    },
    close: () => client.destroy(),
  }
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
  return [error.name, error.message === error.name ? '' : error.message, status === undefined ? '' : `status ${status}`]
    .filter((part) => part !== '')
    .join(', ')
}
