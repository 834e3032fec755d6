import type { EventBytes } from '../port.ts'

/** Bytes that the metadata of several events have at the same distance from their ends. */
export interface SharedRun {
  readonly bytes: Buffer
  /** Bytes after the run. */
  readonly distance: number
}
export const noRun: SharedRun = { bytes: Buffer.alloc(0), distance: 0 }

/** Shorter ones do not pay. */
const minRunBytes = 32
const maxDistance = 0xffff
const maxRunBytes = 0xffff

/** The first run that is long enough, seen from the end, of the first two events' metadata. */
export const sharedRunOf = ([first, second]: readonly EventBytes[]): SharedRun => {
  if (!first || !second) return noRun
  const [one, two] = [first.metadata, second.metadata]
  const limit = Math.min(one.length, two.length, maxDistance)
  let from = 0
  for (let distance = 0; distance <= limit; distance += 1) {
    const same = distance < limit && one[one.length - 1 - distance] === two[two.length - 1 - distance] && distance - from < maxRunBytes
    if (same) continue
    if (distance - from >= minRunBytes) return { bytes: one.subarray(one.length - distance, one.length - from), distance: from }
    from = distance + 1
  }
  return noRun
}

export const sharesRun = (metadata: Buffer, { bytes, distance }: SharedRun): boolean => {
  const end = metadata.length - distance
  return bytes.length > 0 && end >= bytes.length && bytes.compare(metadata, end - bytes.length, end) === 0
}
