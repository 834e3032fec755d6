import v8 from 'node:v8'
import type { Blobs } from './port.ts'

/** Bytes of a blob, which is compressed, from which on the items around it are many. */
const manyItemsBytes = 256 * 1024
/** How much the heap may grow between two collections while there are many items, percent; V8 alone lets it double and more. */
const sparingGrowth = 8
/** Milliseconds after the last large blob for which that holds. */
const sparingMs = 30_000

const letGrow = (percent: number): void => v8.setFlagsFromString(`--heap-growing-percent=${percent}`)

/**
 * The same store. While large blobs are put, the process collects what executions with many items leave behind sooner than it would: that took
 * a quarter off the memory of 100,000 items. At other times collecting is left to V8, which costs less processor time.
 */
export const sparingMemory = (blobs: Blobs): Blobs => {
  let end: NodeJS.Timeout | undefined
  const spare = (): void => {
    letGrow(sparingGrowth)
    if (end === undefined) end = setTimeout(() => letGrow(0), sparingMs).unref()
    else end.refresh()
  }
  return {
    get: blobs.get,
    put: (organisationId, bytes, key) => {
      if (bytes.length >= manyItemsBytes) spare()
      return blobs.put(organisationId, bytes, key)
    },
  }
}
