import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeEmbeddedPostgres } from '@weconnect/postgres/embedded'

let folder: string | undefined

/** Of a test run: names the folder of its one PostgreSQL. The first test that needs it starts it (see postgres.ts). */
export const setup = (): void => {
  folder = mkdtempSync(join(tmpdir(), 'weconnect-test-'))
  process.env['WECONNECT_TEST_POSTGRES'] = folder
}

export const teardown = async (): Promise<void> => {
  if (folder === undefined) return
  await removeEmbeddedPostgres(folder)
  rmSync(folder, { recursive: true, force: true })
}
