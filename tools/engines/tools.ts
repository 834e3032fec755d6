import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { run } from './run.ts'

/** Programs of the system that engines need, with the Debian packages that hold them. */
const tools = {
  java: ['openjdk-17-jre-headless'],
  javac: ['openjdk-17-jdk-headless'],
  mvn: ['maven'],
  go: ['golang-go'],
  'apt-get': [],
  dpkg: [],
  npm: [],
  python3: ['python3', 'python3-venv'],
} as const satisfies Record<string, readonly string[]>

export type ToolName = keyof typeof tools

const isThere = async (program: string): Promise<boolean> => {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const found = await access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return true
  }
  return false
}

/** Debian has Python without the part that makes environments. */
const makesEnvironments = (): Promise<boolean> =>
  run(['python3', '-c', 'import ensurepip, venv']).then(
    () => true,
    () => false,
  )

export const missingTools = async (needs: readonly ToolName[]): Promise<readonly ToolName[]> => {
  const missing: ToolName[] = []
  for (const need of new Set(needs)) if (!(await isThere(need)) || (need === 'python3' && !(await makesEnvironments()))) missing.push(need)
  return missing
}

/** What to do about missing tools, for people. */
export const howToInstall = (missing: readonly ToolName[]): string =>
  `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing (Debian: apt-get install ${missing.flatMap((tool) => tools[tool]).join(' ')})`

const mayInstall = async (): Promise<boolean> => process.getuid?.() === 0 && (await isThere('apt-get'))

/**
 * Installs what is missing as Debian packages, where that is possible: as root, with apt.
 * @returns the tools that are missing still
 */
export const installTools = async (needs: readonly ToolName[], say: (text: string) => void): Promise<readonly ToolName[]> => {
  const missing = await missingTools(needs)
  const packages = missing.flatMap((tool) => tools[tool])
  if (packages.length === 0 || !(await mayInstall())) return missing
  say(`installing ${packages.join(' ')} (apt)`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await run(['apt-get', '-q', 'update'], { env })
  await run(['apt-get', '-q', '-y', 'install', '--no-install-recommends', ...packages], { env })
  return missingTools(needs)
}
