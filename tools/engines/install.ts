import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from './engine.ts'
import { oneAtATime } from './lock.ts'

/** `weconnect-engines` in the user's cache folder. */
export const cacheFolder = (): string => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'weconnect-engines')

export const installedAt = ({ name, version }: Engine): string => join(cacheFolder(), 'installed', `${name}-${version}`)
export const isInstalled = (engine: Engine): boolean => existsSync(installedAt(engine))

/**
 * Installs an engine once for all checkouts; what broke off half way is not taken for installed.
 * @returns its folder
 */
export const installEngine = async (engine: Engine, say: (text: string) => void): Promise<string> => {
  const folder = installedAt(engine)
  if (isInstalled(engine)) return folder
  await oneAtATime(`${folder}.lock`, async () => {
    if (isInstalled(engine)) return
    say(`installing ${engine.name} ${engine.version} (once)`)
    const unfinished = `${folder}.unfinished`
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(unfinished, { recursive: true })
    await engine.install(unfinished)
    await rename(unfinished, folder)
  })
  return folder
}
