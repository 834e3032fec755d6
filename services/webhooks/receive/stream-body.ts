import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { WeConnectError } from '@weconnect/contracts/errors'
import { type BodyLimits, mismatch, tooLarge } from './receive-body.ts'

/** Bytes of a body that is held in memory whatever it is. */
const smallBytes = 1024 * 1024

/** Whether a body may be large: it says so, or does not say. */
export const mayBeLarge = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > smallBytes

/**
 * The bytes of a body as they come; the next are asked for when these are dealt with, so that a sender is not faster than the disk.
 * @throws WeConnectError BODY_TOO_LARGE, BODY_LENGTH_MISMATCH when it ends or stops before its Content-Length
 */
export async function* streamBody(request: IncomingMessage, { maxBytes, idleMs, after }: BodyLimits): AsyncGenerator<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const chunks = request.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>
  let size = 0
  for (;;) {
    const { done, value } = await withinIdle(chunks.next(), idleMs, after)
    if (done) break
    size += value.length
    if (size > maxBytes) throw tooLarge(maxBytes)
    yield value
  }
  // The connection has been refused for what came behind the body, so the caller is told that nothing was taken.
  if (request.socket.writableEnded) throw mismatch('The body is longer than its Content-Length')
}

const withinIdle = async <Value>(next: Promise<Value>, idleMs: number, after: BodyLimits['after']): Promise<Value> => {
  const late = Promise.withResolvers<never>()
  const cancel = after(idleMs, () =>
    late.reject(mismatch(`No more of the body came for ${idleMs / 1000} s; is it as long as Content-Length says?`)),
  )
  try {
    return await Promise.race([next, late.promise])
  } catch (error) {
    throw error instanceof WeConnectError ? error : mismatch('The request ended before its body did')
  } finally {
    cancel()
  }
}
