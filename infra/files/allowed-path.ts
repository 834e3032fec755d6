import { realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path'
import { WeConnectError } from '@weconnect/contracts/errors'

const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** The path with every link followed; of what does not exist yet, its folder's. */
export const followed = async (path: string): Promise<string> => {
  try {
    return await realpath(path)
  } catch (error) {
    if (!isMissing(error)) throw error
    return join(await realpath(dirname(path)), basename(path))
  }
}

export const denied = (path: string, folders: readonly string[]): WeConnectError =>
  new WeConnectError(
    'FILE_DENIED',
    folders.length === 0
      ? 'Nodes may not use files: set WECONNECT_FILES_FOLDER to the folder that they may use'
      : `The file "${path}" is outside the folders that nodes may use`,
  )

/** Throws before anything of the file system is asked, so that nobody learns what exists elsewhere. */
const lexical = (path: string, folders: readonly string[]): string => {
  if (folders.length === 0 || path.includes('\0')) throw denied(path, folders)
  const wanted = isAbsolute(path) ? resolve(path) : resolve(folders[0]!, path)
  if (!folders.some((folder) => isInside(wanted, resolve(folder)))) throw denied(path, folders)
  return wanted
}

/**
 * Where a path of a user leads; relative paths start in the first folder.
 * @throws WeConnectError FILE_DENIED when that is outside the folders, also through `..` or a link
 * @throws the file system's error when its folder is not there
 */
export const allowedPath = async (path: string, folders: readonly string[]): Promise<string> => {
  const target = await followed(lexical(path, folders))
  for (const folder of folders) if (isInside(target, await realpath(folder))) return target
  throw denied(path, folders)
}
