/** Key to partition as Kafka's own clients do it, so that whoever writes the same key finds the same partition. Source: Apache Kafka, Utils.murmur2. */
const seed = 0x9747b28c
const multiplier = 0x5bd1e995

const mixed = (word: number): number => {
  const product = Math.imul(word, multiplier)
  return Math.imul(product ^ (product >>> 24), multiplier)
}

export const murmur2 = (key: Buffer): number => {
  const { length } = key
  let hash = seed ^ length
  const words = length & ~3
  for (let at = 0; at < words; at += 4) hash = Math.imul(hash, multiplier) ^ mixed(key.readInt32LE(at))
  const rest = length & 3
  if (rest === 3) hash ^= (key[words + 2] ?? 0) << 16
  if (rest >= 2) hash ^= (key[words + 1] ?? 0) << 8
  if (rest >= 1) hash = Math.imul(hash ^ (key[words] ?? 0), multiplier)
  hash = Math.imul(hash ^ (hash >>> 13), multiplier)
  return hash ^ (hash >>> 15)
}

/** @returns 0 to partitions - 1 */
export const partitionOf = (key: Buffer, partitions: number): number => (murmur2(key) & 0x7fffffff) % partitions
