import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.ts'

const source = readFileSync(join(root, 'tools/cli/roles/roles.ts'), 'utf8')

/** The roles that `start` knows, as its source lists them: this package comes before the command line, and cannot import it. */
export const roles: readonly string[] = [...(/\[([^\]]+)\] as const/.exec(source)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(
  ([, role]) => role ?? '',
)
