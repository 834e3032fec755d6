import { randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'

const chunkBytes = 16
/** Made in bulk: asking the kernel for sixteen bytes at a time is among the dearest things a request does. */
const pool = Buffer.allocUnsafeSlow(chunkBytes * 512)
let next = pool.length

const sixteenBytes = (): Buffer => {
  if (next === pool.length) {
    randomFillSync(pool)
    next = 0
  }
  next += chunkBytes
  return pool.subarray(next - chunkBytes, next)
}

/** Ids that ascend with time, so that neighbours in time are neighbours in every index. */
export const newId = (): string => v7({ random: sixteenBytes() })

/** 32 hexadecimal digits. */
export const newSeed = (): string => sixteenBytes().toString('hex')
