import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface WorkspacePackage {
  readonly name: string
  /** Relative to the root, without a slash at its end. */
  readonly folder: string
  readonly exports: Readonly<Record<string, unknown>>
  readonly dependencies: readonly string[]
}

interface Manifest {
  readonly name: string
  readonly workspaces?: readonly string[]
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
}

const readManifest = (at: string, folder: string): Manifest =>
  JSON.parse(readFileSync(join(at, folder, 'package.json'), 'utf8')) as Manifest

/** All workspaces of the repository at `at`, by folder. */
export const readPackages = (at: string = root): readonly WorkspacePackage[] =>
  (readManifest(at, '.').workspaces ?? [])
    .flatMap((pattern) => globSync(`${pattern}/package.json`, { cwd: at }))
    .map((file) => file.slice(0, -'/package.json'.length))
    .sort()
    .map((folder) => {
      const { name, exports = {}, dependencies = {} } = readManifest(at, folder)
      return { name, folder, exports, dependencies: Object.keys(dependencies) }
    })

/** TypeScript files of a package, relative to the root. */
export const sourceFiles = (folder: string, at: string = root): readonly string[] =>
  globSync(`${folder}/**/*.ts`, { cwd: at, exclude: (path) => path.endsWith('node_modules') })
    .map((file) => file.replaceAll('\\', '/'))
    .sort()
