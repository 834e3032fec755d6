/** Columns as wide as their widest cell. */
export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  return [line(head), ...rows.map(line)].join('\n')
}

export const milliseconds = (value: number | null | undefined): string =>
  value === null || value === undefined ? '-' : `${Math.round(value * 10) / 10} ms`

/** Rewrites one line of the terminal; on a pipe, nothing. */
export const progressLine = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r${text}\x1b[K`)
}

export const progressBar = (label: string, fraction: number, detail: string): void => {
  const done = Math.round(Math.min(1, Math.max(0, fraction)) * 30)
  progressLine(
    `${label} [${'#'.repeat(done)}${'.'.repeat(30 - done)}] ${Math.round(fraction * 100)}% ${detail}${fraction >= 1 ? '\n' : ''}`,
  )
}
