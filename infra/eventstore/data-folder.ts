import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { WeConnectError } from '@weconnect/contracts/errors'
import Database from 'better-sqlite3'
import { openingError } from './storage-error.ts'

export interface DataFolderLock {
  release(): void
}

const inUse = (folder: string, cause: unknown): WeConnectError =>
  new WeConnectError(
    'DATA_FOLDER_IN_USE',
    `Another WeConnect process uses the data folder ${folder}. Stop it, talk to it with --url, or choose another folder with --data.`,
    { cause },
  )

const openLock = (folder: string): Database.Database => {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return new Database(join(folder, 'owner.lock'), { timeout: 0 })
  } catch (error) {
    throw openingError(folder, error)
  }
}

/**
 * Makes this process the only owner of a data folder. The lock is the operating system's (an exclusive transaction on a file), so it ends with
 * the process however that ends.
 * @throws WeConnectError DATA_FOLDER_IN_USE; CONFIG_INVALID when the folder cannot be used
 */
export const lockDataFolder = (folder: string): DataFolderLock => {
  const lock = openLock(folder)
  try {
    lock.pragma('journal_mode = memory')
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    throw (error as { code?: string }).code === 'SQLITE_BUSY' ? inUse(folder, error) : openingError(folder, error)
  }
  return { release: () => void lock.close() }
}
