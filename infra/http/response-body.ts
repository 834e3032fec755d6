import { isUtf8 } from 'node:buffer'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, type ZlibOptions } from 'node:zlib'
import { WeConnectError } from '@weconnect/contracts/errors'

const tooLarge = (limit: number): WeConnectError => new WeConnectError('EGRESS_FAILED', `The answer is larger than ${limit} bytes`)

const decoders: Readonly<Record<string, (bytes: Buffer, options: ZlibOptions) => Promise<Buffer>>> = {
  gzip: promisify<Buffer, ZlibOptions, Buffer>(gunzip),
  'x-gzip': promisify<Buffer, ZlibOptions, Buffer>(gunzip),
  deflate: promisify<Buffer, ZlibOptions, Buffer>(inflate),
  br: promisify<Buffer, ZlibOptions, Buffer>(brotliDecompress),
}

/** What we can undo. */
export const acceptedEncodings = 'gzip, deflate, br'

const collect = async (chunks: AsyncIterable<Buffer>, limit: number): Promise<Buffer> => {
  const read: Buffer[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > limit) throw tooLarge(limit)
    read.push(chunk)
  }
  return Buffer.concat(read)
}

const decode = async (bytes: Buffer, encoding: string, limit: number): Promise<Buffer> => {
  const decoder = decoders[encoding]
  if (decoder === undefined || bytes.length === 0) return bytes
  try {
    return await decoder(bytes, { maxOutputLength: limit })
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(limit)
    throw new WeConnectError('EGRESS_FAILED', `The answer says that it is ${encoding}, and it is not`, { cause: error })
  }
}

/**
 * @param limit bytes, before and after decompression
 * @throws WeConnectError EGRESS_FAILED
 */
export const readBody = async (
  chunks: AsyncIterable<Buffer>,
  contentEncoding: string,
  limit: number,
): Promise<{ readonly body: string; readonly bodyEncoding: 'utf8' | 'base64' }> => {
  const bytes = await decode(await collect(chunks, limit), contentEncoding.trim().toLowerCase(), limit)
  return isUtf8(bytes) ? { body: bytes.toString('utf8'), bodyEncoding: 'utf8' } : { body: bytes.toString('base64'), bodyEncoding: 'base64' }
}
