import { posix } from 'node:path'
import { circlesOf, type Edges } from './circles.ts'
import { driverLayers, drivers, isTest, type Layer, layers } from './layers.ts'
import type { WorkspacePackage } from './workspace.ts'

/** One `import`, `export from` or `import()` as it stands in a file. */
export interface Import {
  /** Relative to the root. */
  readonly file: string
  readonly line: number
  readonly specifier: string
  /** Nothing of it is left when the file runs. */
  readonly isType: boolean
}

const importForm = /(?:^|[\s;}])(?:import|export)\s(?:[^'"`;()]*?\sfrom\s*)?(['"])([^'"]+)\1|\bimport\s*\(\s*(['"])([^'"]+)\3\s*\)/g

/** Every import of a file. Comments are blanked first, so that an example in a comment is none. */
export const importsOf = (file: string, text: string): readonly Import[] => {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ' '))
  return [...code.matchAll(importForm)].map((match) => ({
    file,
    line: code.slice(0, match.index).split('\n').length + (/^\n/.test(match[0]) ? 1 : 0),
    specifier: match[2] ?? match[4] ?? '',
    isType: /^\s*(?:import|export)\s+type\s/.test(match[0].replace(/^[;}]/, '')),
  }))
}

export const layerOf = (folder: string): Layer => {
  const layer = layers.find((row) => (row.folder.endsWith('/') ? folder.startsWith(row.folder) : folder === row.folder))
  if (layer === undefined) throw new Error(`${folder} belongs to no layer: add it to tools/check/layers.ts`)
  return layer.name
}

/** `@weconnect/contracts/json` and `pg/lib/x` as package names. */
export const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

const problemOf = (found: Import, from: WorkspacePackage, packages: ReadonlyMap<string, WorkspacePackage>): string | undefined => {
  const { file, specifier } = found
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(file), specifier)
    return target.startsWith(`${from.folder}/`) ? undefined : `leaves its package by a relative path: ${specifier}`
  }
  const layer = layerOf(from.folder)
  if (drivers.some((driver) => driver === packageName(specifier)))
    return driverLayers.includes(layer) || isTest(file) ? undefined : `names the driver ${specifier}: drivers live in infra/ only`
  const target = packages.get(packageName(specifier))
  if (target === undefined || isTest(file)) return undefined
  const to = layerOf(target.folder)
  const allowed: readonly Layer[] = layers.find((row) => row.name === layer)?.mayImport ?? []
  return target === from || allowed.includes(to) ? undefined : `${layer} may not import ${to}: ${specifier}`
}

/** What breaks the table of layers.ts, one line each: `file:line message`. */
export const importProblems = (imports: readonly Import[], packages: readonly WorkspacePackage[]): readonly string[] => {
  const byName = new Map(packages.map((each) => [each.name, each]))
  return imports.flatMap((found) => {
    const from = packages.find(({ folder }) => found.file.startsWith(`${folder}/`))
    const problem = from && problemOf(found, from, byName)
    return problem === undefined ? [] : [`${found.file}:${found.line} ${problem}`]
  })
}

/** Packages that import each other in a circle, tests aside, each circle once: `a -> b -> a`. */
export const packageCycles = (imports: readonly Import[], packages: readonly WorkspacePackage[]): readonly string[] => {
  const edges: Edges = new Map(packages.map(({ name }) => [name, new Set<string>()]))
  for (const { file, specifier } of imports) {
    const from = packages.find(({ folder }) => file.startsWith(`${folder}/`))?.name
    const to = packageName(specifier)
    if (from !== undefined && edges.has(to) && to !== from && !isTest(file)) edges.get(from)?.add(to)
  }
  return circlesOf(edges)
}

/** Packages whose `exports` let anybody in: a public face is a list of files. Of contracts and tools every file is the face. */
export const openPackages = (packages: readonly WorkspacePackage[]): readonly string[] =>
  packages
    .filter(({ folder }) => !['contracts', 'testing', 'conformance', 'tools'].includes(layerOf(folder)))
    .filter(({ exports }) => Object.keys(exports).some((key) => key.includes('*')))
    .map(({ folder }) => `${folder}/package.json exports everything ("./*"): list the files that others may import`)
