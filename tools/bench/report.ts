import { arch, cpus, platform, totalmem } from 'node:os'
import type { Figures } from './measures.ts'
import { rounded } from './statistics.ts'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly platform: string
  readonly node: string
}
export const machine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  platform: `${platform()} ${arch()}`,
  node: process.version,
})

/** All numbers rounded, for people and for JSON alike. */
export const roundedFigures = <Value>(value: Value): Value =>
  JSON.parse(JSON.stringify(value, (_, each: unknown) => (typeof each === 'number' ? rounded(each) : each))) as Value

/** The figures as Markdown tables, to read and to paste into docs/benchmarks.md. */
export const asTables = (figures: Figures): string =>
  [
    figures.w1 && `W1: webhook, set, if, respond\n\n${table(figures.w1)}`,
    figures.w2 && `W2: webhook, code making 1,000 items, set, filter, aggregate, respond\n\n${table(figures.w2)}`,
    figures.w3 && `W3: cold start\n\n${table([figures.w3])}`,
    figures.w4 && `W4: replay and rebuild\n\n${table([figures.w4])}`,
    figures.w5 && `W5: log to Kafka\n\n${table([figures.w5])}`,
    figures.w6 && `W6: expressions beside new Function\n\n${table([figures.w6])}`,
    figures.w7 && `W7: many items, many nodes\n\n${table([figures.w7])}`,
    figures.w8 && `W8: Kafka to a read model\n\n${table([figures.w8])}`,
    figures.w9 && `W9: from an append to who listens\n\n${table([figures.w9])}`,
  ]
    .filter((part) => part !== undefined)
    .join('\n\n')

const table = (rows: readonly object[]): string => {
  const head = Object.keys(rows[0] ?? {})
  const lines = [head, ...rows.map((row) => Object.values(row).map(String))]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), `|${widths.map((width) => `${'-'.repeat(width + 1)}:`).join('|')}|`, ...lines.slice(1).map(line)].join('\n')
}
