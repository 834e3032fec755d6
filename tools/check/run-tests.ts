import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Runs the tests once. The output ends with a line `N passed, N failed, N skipped`.
 * @param args `--long` (many more repetitions), `--unit` or `--integration` (one phase only); the rest goes to vitest: paths, `-t name`
 * @returns exit code: 0 when everything passed
 */
export const runTests = (args: string[]): Promise<number> => {
  const long = args.includes('--long')
  const phases = ['unit', 'integration'].filter((phase) => args.includes(`--${phase}`))
  const rest = args.filter((arg) => !['--long', '--unit', '--integration'].includes(arg))
  const projects = phases.flatMap((phase) => ['--project', phase])
  return vitest(['run', ...projects, ...rest], long ? { ...process.env, WECONNECT_LONG: '1' } : process.env)
}

const vitest = (args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...args], { cwd: root, env, stdio: 'inherit' })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
