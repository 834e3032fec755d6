import { expect, test } from 'vitest'
import { importProblems, importsOf, openPackages, packageCycles } from './imports.ts'
import type { WorkspacePackage } from './workspace.ts'

const packageAt = (folder: string, exports = {}): WorkspacePackage => ({
  name: `@weconnect/${folder.split('/').at(-1)}`,
  folder,
  exports,
  dependencies: [],
})
const packages = [
  'contracts',
  'infra/postgres',
  'services/nodes',
  'services/workflows',
  'services/gateway',
  'projections',
  'tools/testing',
].map((folder) => packageAt(folder))
const problems = (file: string, specifier: string): readonly string[] =>
  importProblems([{ file, line: 1, specifier, isType: false }], packages)

test('finds every form of import, and none in a comment', () => {
  const text = [
    `import a from 'a'`,
    `import 'b'`,
    `import type { C } from "c"`,
    `export { d } from 'd'`,
    `import {`,
    `  e,`,
    `} from 'e'`,
    `const f = await import('f')`,
    `// import x from 'x'`,
    `/** import y from 'y' */`,
    `export const g = { from: 'z' }`,
  ].join('\n')
  expect(importsOf('file.ts', text).map(({ specifier }) => specifier)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  expect(importsOf('file.ts', text).map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 8])
  expect(importsOf('file.ts', text).map(({ isType }) => isType)).toEqual([false, false, true, false, false, false])
})

test.each([
  ['services/workflows/decide.ts', '@weconnect/contracts/json'],
  ['services/workflows/decide.ts', '@weconnect/nodes/registry'],
  ['services/workflows/decide.ts', './evolve.ts'],
  ['services/workflows/decide.ts', 'node:crypto'],
  ['services/gateway/main.ts', '@weconnect/projections/workflows'],
  ['infra/postgres/pool.ts', 'pg'],
  ['projections/runner.test.ts', '@weconnect/testing/specify'],
])('%s may import %s', (file, specifier) => expect(problems(file, specifier)).toEqual([]))

test.each([
  ['contracts/json.ts', '@weconnect/postgres/pool', 'contracts may not import infra'],
  ['services/workflows/decide.ts', '@weconnect/gateway/server', 'services may not import gateway'],
  ['services/workflows/decide.ts', '@weconnect/projections/query', 'services may not import projections'],
  ['projections/runner.ts', '@weconnect/workflows/face', 'projections may not import services'],
  ['infra/postgres/pool.ts', '@weconnect/testing/specify', 'infra may not import testing'],
  ['services/workflows/decide.ts', '../nodes/registry.ts', 'leaves its package'],
  ['services/workflows/decide.test.ts', '../nodes/registry.ts', 'leaves its package'],
  ['services/workflows/store.ts', 'pg', 'drivers live in infra'],
  ['projections/store.ts', 'better-sqlite3', 'drivers live in infra'],
])('%s may not import %s', (file, specifier, message) => expect(problems(file, specifier)).toEqual([expect.stringContaining(message)]))

test('a circle of packages is named once, and tests make none', () => {
  const link = (file: string, specifier: string) => ({ file, line: 1, specifier, isType: false })
  const forth = link('services/workflows/a.ts', '@weconnect/nodes/b')
  expect(packageCycles([forth, link('services/nodes/b.test.ts', '@weconnect/workflows/a')], packages)).toEqual([])
  expect(packageCycles([forth, link('services/nodes/b.ts', '@weconnect/workflows/a')], packages)).toEqual([
    '@weconnect/nodes -> @weconnect/workflows -> @weconnect/nodes',
  ])
})

test('a service has a list of exports', () => {
  expect(openPackages([packageAt('services/nodes', { './*': './*.ts' })])).toHaveLength(1)
  expect(
    openPackages([packageAt('services/nodes', { './registry': './registry.ts' }), packageAt('contracts', { './*': './*.ts' })]),
  ).toEqual([])
})
