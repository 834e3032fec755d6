import { createHash } from 'node:crypto'

/** Uniform numbers in [0, 1) that follow from a seed and a name: the same in a live run and in its replay. Source: sfc32 of PractRand. */
export const seededRandom = (seed: string, name: string): (() => number) => {
  const digest = createHash('sha256').update(`${seed}/${name}`).digest()
  let [a, b, c, d] = [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12)]
  return () => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return (t >>> 0) / 4294967296
  }
}
