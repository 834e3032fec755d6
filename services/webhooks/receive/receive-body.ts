import type { IncomingMessage } from 'node:http'
import { WeConnectError } from '@weconnect/contracts/errors'

/** Calls back after that many milliseconds, unless the function it returns is called before. */
export type After = (ms: number, call: () => void) => () => void

export interface BodyLimits {
  readonly maxBytes: number
  /** Milliseconds without a byte after which the rest is not waited for. */
  readonly idleMs: number
  readonly after: After
}

/** A body that is too large is read to its end up to this many times the limit, because most clients only look for an answer then. */
const drainedTimes = 4

/**
 * The bytes of a body; undefined when there is none.
 * @throws WeConnectError BODY_TOO_LARGE, BODY_LENGTH_MISMATCH when it ends or stops before its Content-Length
 */
export const receiveBody = async (request: IncomingMessage, { maxBytes, idleMs, after }: BodyLimits): Promise<Buffer | undefined> => {
  if (!hasBody(request)) return undefined
  if (Number(request.headers['content-length'] ?? 0) > maxBytes * drainedTimes) throw tooLarge(maxBytes)
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const chunks: Buffer[] = []
  let size = 0
  const late = (): void => reject(mismatch(`No more of the body came for ${idleMs / 1000} s; is it as long as Content-Length says?`))
  let cancel = after(idleMs, late)
  const keep = (chunk: Buffer): void => {
    cancel()
    cancel = after(idleMs, late)
    size += chunk.length
    if (size <= maxBytes) chunks.push(chunk)
    else chunks.length = 0
    if (size > maxBytes * drainedTimes) reject(tooLarge(maxBytes))
  }
  const cut = (): void => reject(mismatch('The request ended before its body did'))
  const whole = (): void => {
    request.off('error', cut).off('close', cut)
    if (size > maxBytes) reject(tooLarge(maxBytes))
    else resolve(chunks.length === 1 ? (chunks[0] ?? noBytes) : Buffer.concat(chunks))
  }
  request.on('data', keep).once('end', whole).once('error', cut).once('close', cut)
  try {
    const body = await promise
    // The connection has been refused for what came behind the body, so the caller is told that nothing was taken.
    if (request.socket.writableEnded) throw mismatch('The body is longer than its Content-Length')
    return body
  } finally {
    cancel()
    request.off('data', keep)
  }
}

const noBytes = Buffer.alloc(0)

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] !== undefined && headers['content-length'] !== '0')

export const tooLarge = (maxBytes: number): WeConnectError =>
  new WeConnectError('BODY_TOO_LARGE', `The body is larger than ${maxBytes / 1024 / 1024} MiB`)

export const mismatch = (message: string): WeConnectError => new WeConnectError('BODY_LENGTH_MISMATCH', message)
