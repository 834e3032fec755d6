import { existsSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readCases, type WorkflowCase } from './case.ts'
import { failureText, hasPassed, isNotable, nameOf, type Result, reportOf, tablesOf } from './report.ts'
import { openFixtures, readRows, rowKinds } from './row.ts'
import { runCase } from './run-case.ts'
import { runRow } from './run-row.ts'
import { openWorld, type World } from './world.ts'

/** Where the cases lie: beside the repository, and no part of it. */
export const defaultFolder = fileURLToPath(new URL('../../../shared/conformance/dev', import.meta.url))
export const passingFile = fileURLToPath(new URL('passing.json', import.meta.url))

export interface Selection {
  readonly folder: string
  /** Group of workflows or kind of rows; all when absent. */
  readonly group?: string | undefined
  /** Only workflows that use this node type: its name, or the last part of it. */
  readonly node?: string | undefined
  /** Only what is named like this. */
  readonly name?: string | undefined
}

/** Runs everything that is selected, one after the other, on one engine. */
export const runSelected = async (selection: Selection): Promise<readonly Result[]> => {
  process.env['TZ'] = 'UTC'
  const rows = selection.node === undefined ? runRows(selection) : []
  const cases = readCases(selection.folder).filter((kase) => isSelected(kase, selection))
  return [...(cases.length === 0 ? [] : await runCases(cases, selection)), ...rows]
}

const isSelected = (kase: WorkflowCase, { group, node, name }: Selection): boolean =>
  (group === undefined || kase.group === group) &&
  (node === undefined || typesOf(kase).some((type) => type === node || type.endsWith(`.${node}`))) &&
  (name === undefined || kase.name.includes(name))

const typesOf = ({ workflow }: WorkflowCase): string[] => [...new Set(workflow.nodes.map(({ type }) => type))].sort()

const runCases = async (cases: readonly WorkflowCase[], { folder }: Selection): Promise<Result[]> => {
  const world = await openWorld(join(dirname(folder), 'assets'))
  try {
    const results: Result[] = []
    for (const kase of cases) results.push(await resultOf(kase, world))
    return results
  } finally {
    await world.close()
  }
}

const resultOf = async (kase: WorkflowCase, world: World): Promise<Result> => {
  const { group, name, nondeterministic = false } = kase
  const about = { kind: 'workflow', group, name, nodeTypes: typesOf(kase), nondeterministic } as const
  try {
    return { ...about, ...(await runCase(kase, world)) }
  } catch (error) {
    return { ...about, differences: [{ where: 'run', expected: 'an end', actual: (error as Error).message }] }
  }
}

const runRows = ({ folder, group, name }: Selection): Result[] => {
  const fixtures = openFixtures(join(dirname(folder), 'fixtures'))
  return rowKinds
    .filter((kind) => group === undefined || kind === group)
    .flatMap((kind) =>
      readRows(folder, kind)
        .filter(({ id }) => name === undefined || id.includes(name))
        .map((row): Result => {
          const differences = runRow(kind, row, fixtures)
          return { kind: 'row', group: kind, name: row.id, nodeTypes: [], differences, nondeterministic: false }
        }),
    )
}

const options = {
  node: { type: 'string' },
  name: { type: 'string' },
  diff: { type: 'boolean' },
  json: { type: 'boolean' },
  'write-passing': { type: 'boolean' },
} as const

/** `[GROUP | DIR] [--node TYPE] [--name TEXT] [--diff] [--json] [--write-passing]`. @returns exit code, 0 also when cases fail: the figures say so */
export const runConformance = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const selection: Selection = { ...targetsOf(positionals), node: values.node, name: values.name }
  if (!existsSync(join(selection.folder, 'workflows'))) {
    console.log(`There are no conformance cases at ${selection.folder}: nothing was run.`)
    return 0
  }
  const results = await runSelected(selection)
  const report = reportOf(selection.folder, results)
  if (values.json) console.log(JSON.stringify(report, undefined, 2))
  else {
    const failed = results.filter(isNotable)
    for (const result of failed) console.log(failureText(result, values.diff === true))
    console.log(`${failed.length > 0 ? '\n' : ''}${tablesOf(report, selection.group === undefined || values.node !== undefined)}`)
  }
  if (values['write-passing']) writeFileSync(passingFile, `${JSON.stringify(passingNames(results), undefined, 2)}\n`)
  return 0
}

/** Names of what passes, and of what is linked as well. */
export const passingNames = (results: readonly Result[]): { readonly passing: string[]; readonly linked: string[] } => {
  const passing = results.filter((result) => hasPassed(result) && !result.nondeterministic)
  return {
    passing: passing.map(nameOf).sort(),
    linked: passing
      .filter(({ pairing }) => pairing?.length === 0)
      .map(nameOf)
      .sort(),
  }
}

const targetsOf = (positionals: readonly string[]): Pick<Selection, 'folder' | 'group'> => {
  const folders = positionals.filter((target) => target.includes('/') || (existsSync(target) && statSync(target).isDirectory()))
  const [group] = positionals.filter((target) => !folders.includes(target))
  return { folder: resolve(folders[0] ?? defaultFolder), group }
}
