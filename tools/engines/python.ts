import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from './install.ts'
import { oneAtATime } from './lock.ts'
import { run } from './run.ts'

/**
 * Installs Python packages into an environment of their own, once for each list of them.
 * @param requirements path of a requirements file
 * @returns its interpreter
 */
export const pythonWith = async (requirements: string): Promise<string> => {
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 16)
  const folder = join(cacheFolder(), 'python', hash)
  const interpreter = join(folder, 'bin/python')
  const complete = join(folder, 'complete')
  await oneAtATime(`${folder}.lock`, async () => {
    if (existsSync(complete)) return
    await rm(folder, { recursive: true, force: true })
    // Its scripts name their interpreter by path, so it is made where it stays; the mark says that it is whole.
    await run(['python3', '-m', 'venv', folder])
    await run([interpreter, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements])
    await run([interpreter, '-c', `open(${JSON.stringify(complete)}, 'w').close()`])
  })
  return interpreter
}
