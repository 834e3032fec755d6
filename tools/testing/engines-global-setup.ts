import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopTestEngines } from './engines.ts'

let folder: string | undefined

/** Of a test run: names the folder of its engines. The first test that needs one starts it (see engines.ts). */
export const setup = (): void => {
  folder = mkdtempSync(join(tmpdir(), 'weconnect-test-engines-'))
  process.env['WECONNECT_TEST_ENGINES'] = folder
}

export const teardown = async (): Promise<void> => {
  if (folder !== undefined) await stopTestEngines(folder)
}
