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

/** Rewrites one line of the terminal; on a pipe, nothing until the end. */
export const progressBar = (label: string, fraction: number, detail: string): void => {
  if (!process.stderr.isTTY) return
  const done = Math.round(Math.min(1, Math.max(0, fraction)) * 30)
  process.stderr.write(
    `\r${label} [${'#'.repeat(done)}${'.'.repeat(30 - done)}] ${Math.round(fraction * 100)}% ${detail}\x1b[K${fraction >= 1 ? '\n' : ''}`,
  )
}
