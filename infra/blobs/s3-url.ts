import { WeConnectError } from '@weconnect/contracts/errors'

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
