import { inspect } from 'node:util'
import type { Difference } from './compare.ts'

/** What became of one case or row. */
export interface Result {
  readonly kind: 'workflow' | 'row'
  /** Group of workflows, or kind of row. */
  readonly group: string
  readonly name: string
  /** Types that the workflow uses. */
  readonly nodeTypes: readonly string[]
  readonly differences: readonly Difference[]
  readonly pairing?: readonly Difference[]
  /** Values are not compared: they differ from run to run. */
  readonly nondeterministic: boolean
}

export interface Figures {
  readonly passed: number
  readonly failed: number
  readonly total: number
}

export interface Failure {
  readonly group: string
  readonly name: string
  readonly differences: readonly Difference[]
}

export interface Report {
  readonly folder: string
  readonly workflows: Readonly<Record<string, Figures>>
  /** The same cases, by whether every item is linked to the items that n8n links it to. */
  readonly pairing: Readonly<Record<string, Figures>>
  readonly rows: Readonly<Record<string, Figures>>
  /** Cases that use a node type. */
  readonly nodeTypes: Readonly<Record<string, Figures>>
  readonly failures: readonly Failure[]
  /** Cases that pass, but whose items are linked to others than n8n's. */
  readonly notLinked: readonly Failure[]
}

export const nameOf = ({ group, name }: Result): string => `${group}/${name}`
export const hasPassed = ({ differences }: Result): boolean => differences.length === 0

const count = (results: readonly Result[], passes: (result: Result) => boolean): Figures => {
  const passed = results.filter(passes).length
  return { passed, failed: results.length - passed, total: results.length }
}

const byKey = (results: readonly Result[], keysOf: (result: Result) => readonly string[], passes = hasPassed): Record<string, Figures> => {
  const lists = new Map<string, Result[]>()
  for (const result of results) for (const key of keysOf(result)) lists.set(key, [...(lists.get(key) ?? []), result])
  return Object.fromEntries([...lists].map(([key, list]) => [key, count(list, passes)]))
}

export const reportOf = (folder: string, results: readonly Result[]): Report => {
  const cases = results.filter(({ kind }) => kind === 'workflow')
  const group = (result: Result) => [result.group]
  return {
    folder,
    workflows: byKey(cases, group),
    pairing: byKey(
      cases.filter(({ pairing }) => pairing !== undefined),
      group,
      ({ pairing }) => pairing?.length === 0,
    ),
    rows: byKey(
      results.filter(({ kind }) => kind === 'row'),
      group,
    ),
    nodeTypes: byKey(cases, ({ nodeTypes }) => nodeTypes),
    failures: results.filter((result) => !hasPassed(result)).map(({ group, name, differences }) => ({ group, name, differences })),
    notLinked: results
      .filter((result) => hasPassed(result) && isNotable(result))
      .map(({ group, name, pairing = [] }) => ({ group, name, differences: pairing })),
  }
}

const table = (title: string, figures: Readonly<Record<string, Figures>>): string => {
  const rows = Object.entries(figures)
  if (rows.length === 0) return ''
  const width = Math.max(title.length, ...rows.map(([name]) => name.length))
  const line = (name: string, cells: readonly unknown[]): string =>
    `${name.padEnd(width)}  ${cells.map((cell) => String(cell).padStart(6)).join('  ')}`
  return [
    line(title, ['passed', 'failed', 'total']),
    ...rows.map(([name, { passed, failed, total }]) => line(name, [passed, failed, total])),
    '',
  ].join('\n')
}

/** Tables for a person. */
export const tablesOf = ({ workflows, pairing, rows, nodeTypes }: Report, withNodeTypes: boolean): string =>
  [table('workflows', workflows), table('item linking', pairing), table('rows', rows), withNodeTypes ? table('node type', nodeTypes) : '']
    .filter(Boolean)
    .join('\n')

const shown = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : inspect(value, { depth: 12, breakLength: 160, maxArrayLength: 200, maxStringLength: 2000, sorted: true })

const prefixed = (mark: string, text: string): string =>
  text
    .split('\n')
    .map((line) => `    ${mark} ${line}`)
    .join('\n')

/** Lines that only one of two texts has, in their order, with `-` for what is missing and `+` for what is too much. */
const lineDifference = (expected: string, actual: string): string => {
  const [wanted, found] = [expected.split('\n'), actual.split('\n')]
  if (wanted.length === 1 || found.length === 1) return `${prefixed('-', expected)}\n${prefixed('+', actual)}`
  const missing = wanted.filter((line) => !found.includes(line))
  const extra = found.filter((line) => !wanted.includes(line))
  if (missing.length + extra.length === 0) return `${prefixed('-', expected)}\n${prefixed('+', actual)}`
  return [...missing.map((line) => prefixed('-', line)), ...extra.map((line) => prefixed('+', line))].join('\n')
}

/** Whether there is something to say of it: it failed, or its items are linked to others than n8n's. */
export const isNotable = (result: Result): boolean => !hasPassed(result) || (result.pairing?.length ?? 0) > 0

/** One failure, readable: what n8n gives is marked `-`, what came out here `+`. */
export const failureText = (result: Result, withDifferences: boolean): string => {
  const title = `${hasPassed(result) ? 'not linked as on n8n' : 'failed'}  ${nameOf(result)}`
  if (!withDifferences) return title
  const differences = hasPassed(result) ? (result.pairing ?? []) : result.differences
  return [title, ...differences.map(({ where, expected, actual }) => `  ${where}\n${lineDifference(shown(expected), shown(actual))}`)].join(
    '\n',
  )
}
