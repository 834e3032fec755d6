import { spawn } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'

export const superuser = 'weconnect'

/** Makes the cluster once. A half-made one (killed on the way) is made anew; one of another major version is put aside: it is rebuilt from the log. */
export const ensureCluster = async (data: string, binaries: Binaries, account: Account, major: string): Promise<'made' | 'found'> => {
  const found = clusterVersion(data)
  if (found === major) return 'found'
  if (found !== undefined) renameSync(data, `${data}-${found}`)
  const part = `${data}.part`
  rmSync(part, { recursive: true, force: true })
  await initialise(part, binaries, account, 'C.UTF-8').catch(() => initialise(part, binaries, account, 'C'))
  rmSync(data, { recursive: true, force: true })
  renameSync(part, data)
  return 'made'
}

const clusterVersion = (data: string): string | undefined => {
  const file = join(data, 'PG_VERSION')
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
}

/** The order of bytes for indexes, the letters of Unicode for search. */
const initialise = async (data: string, { initdb }: Binaries, account: Account, characters: string): Promise<void> => {
  rmSync(data, { recursive: true, force: true })
  await run(
    initdb,
    ['-D', data, '-U', superuser, '-A', 'trust', '-E', 'UTF8', '--locale=C', `--lc-ctype=${characters}`, '--no-sync', '--no-instructions'],
    account,
  )
}

const run = (program: string, args: readonly string[], account: Account): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...account, cwd: '/', env: serverEnvironment, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2_000)
    })
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve() : reject(new WeConnectError('STORAGE_FAILED', `initdb failed: ${said.trim()}`))))
  })

/** Nothing of our own environment: no secrets, no locale, no PG* settings. */
export const serverEnvironment: NodeJS.ProcessEnv = { PATH: '/usr/bin:/bin', TZ: 'UTC' }
