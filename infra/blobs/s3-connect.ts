import { CreateBucketCommand, HeadBucketCommand, NotFound, S3Client } from '@aws-sdk/client-s3'
import { WeConnectError } from '@weconnect/contracts/errors'

const limitMs = 5_000
const requestLimitMs = 30_000

export interface S3Settings {
  /** See parseS3Url. */
  readonly url: string
  /** Undefined: as Amazon's own tools find it; of another server `us-east-1`. */
  readonly region: string | undefined
}

export interface S3Place {
  /** Of a server that is not Amazon's. */
  readonly endpoint: string | undefined
  readonly bucket: string
  /** Empty, or ends with `/`. */
  readonly prefix: string
}

/**
 * `s3://bucket/prefix` of Amazon, `s3+http://host:port/bucket/prefix` or `s3+https://...` of any other server. Keys come from the
 * environment, as Amazon's own tools take them (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY ...).
 * @throws WeConnectError CONFIG_INVALID
 */
export const parseS3Url = (url: string): S3Place => {
  const [, secure, host, amazonBucket, path = ''] = /^s3(?:\+(https?):\/\/([^/@]+)|:\/\/([^/@]+))(?:\/(.*))?$/.exec(url) ?? []
  const parts = path.split('/').filter((part) => part !== '')
  const bucket = amazonBucket ?? parts.shift()
  if (bucket === undefined || !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    throw new WeConnectError(
      'CONFIG_INVALID',
      `BLOB_URL must be s3://bucket, s3+http://host:port/bucket or s3+https://host/bucket, not "${url}"`,
    )
  return { endpoint: host === undefined ? undefined : `${secure}://${host}`, bucket, prefix: parts.map((part) => `${part}/`).join('') }
}

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

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
  return [error.name, error.message === error.name ? '' : error.message, status === undefined ? '' : `status ${status}`]
    .filter((part) => part !== '')
    .join(', ')
}
