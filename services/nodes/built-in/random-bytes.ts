import { hkdfSync } from 'node:crypto'
import type { NodeContext } from '../sdk/node.ts'

/**
 * Bytes that nobody can guess and a replay makes again: the step's recorded randomness, stretched by HKDF, so that what is made of it
 * tells nothing about what else the step draws.
 * @param size 1 to 65,536
 */
export const randomBytes = async (context: NodeContext, size: number): Promise<Buffer> => {
  const seed = Buffer.alloc(32)
  for (let place = 0; place < seed.length; place += 4) seed.writeUInt32LE(Math.floor((await context.random()) * 2 ** 32), place)
  const parts: Buffer[] = []
  // One call gives 255 blocks of SHA-512 at most.
  for (let left = size; left > 0; left -= 16_000)
    parts.push(Buffer.from(hkdfSync('sha512', seed, '', `weconnect random bytes ${parts.length}`, Math.min(left, 16_000))))
  return Buffer.concat(parts)
}

/** A random UUID, version 4. */
export const randomUuid = async (context: NodeContext): Promise<string> => {
  const bytes = await randomBytes(context, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
