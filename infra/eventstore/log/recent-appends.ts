import type { AppendRow } from './log-reader.ts'

const maxBytes = 4 * 1024 * 1024
const maxRows = 4096
/** Rows handed out at a time. */
const pageRows = 256

/** The newest appends, in log order without gaps, in bounded memory. */
export const recentAppends = () => {
  let rows: AppendRow[] = []
  let bytes = 0

  /** Halves the memory in one go, so that the cost per append stays constant. */
  const shrink = (): void => {
    let from = 0
    while (bytes > maxBytes / 2 || rows.length - from > maxRows / 2) bytes -= rows[from++]?.body.length ?? bytes
    rows = rows.slice(from)
  }

  /** Index of the first append that ends after the place. */
  const firstAfter = (place: number): number => {
    let low = 0
    let high = rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const row = rows[middle] as AppendRow
      if (row.position + row.count - 1 > place) high = middle
      else low = middle + 1
    }
    return low
  }

  return {
    add: (added: readonly AppendRow[]): void => {
      const newest = rows.at(-1)
      // Something was appended by another connection in between.
      if (newest && newest.position + newest.count !== added[0]?.position) {
        rows = []
        bytes = 0
      }
      for (const row of added) {
        rows.push(row)
        bytes += row.body.length
      }
      if (bytes > maxBytes || rows.length > maxRows) shrink()
    },
    /** The next appends that hold something after the place; undefined when memory does not reach back so far. */
    after: (place: number): AppendRow[] | undefined => {
      const oldest = rows[0]
      if (oldest === undefined || oldest.position > place + 1) return undefined
      const from = firstAfter(place)
      return rows.slice(from, from + pageRows)
    },
  }
}
