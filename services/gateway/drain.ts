import type { IncomingMessage } from 'node:http'

/**
 * Reads the rest of a body that is refused, because most clients look for an answer only when they have sent everything; told before, they see
 * a broken connection. Resolves at its end, or after `maxBytes`; at once when it says that it is longer.
 */
export const drain = async (request: IncomingMessage, maxBytes: number): Promise<void> => {
  if (request.complete || request.destroyed || Number(request.headers['content-length'] ?? 0) > maxBytes) return
  const { promise, resolve } = Promise.withResolvers<void>()
  let size = 0
  const count = (chunk: Buffer): void => {
    size += chunk.length
    if (size > maxBytes) resolve()
  }
  request.on('data', count)
  for (const event of ['end', 'close', 'error']) request.once(event, () => resolve())
  await promise
  request.off('data', count)
}
