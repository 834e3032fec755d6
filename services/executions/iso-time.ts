let lastMs = Number.NaN
let lastText = ''

/** ISO 8601, UTC, milliseconds. Many steps fall into one millisecond, and formatting costs more than comparing. */
export const isoTime = (ms: number): string => {
  if (ms !== lastMs) {
    lastMs = ms
    lastText = new Date(ms).toISOString()
  }
  return lastText
}
