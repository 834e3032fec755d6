import { constants } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { isAbsolute, join, matchesGlob, resolve } from 'node:path'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { FileAnswer, FileRequest, Files } from '@weconnect/contracts/files'
import { allowedPath, denied } from './allowed-path.ts'

export interface FolderFilesOptions {
  /** Folders that nodes may use, with all that is in them; relative paths start in the first. None = every request is denied. */
  readonly folders: readonly string[]
  /** Bytes of one file, read or written; 64 MiB unless given. */
  readonly maxBytes?: number
  /** Files that one pattern may look at; 100,000 unless given. */
  readonly maxEntries?: number
}

const failed = (path: string, error: unknown): WeConnectError => {
  if (isWeConnectError(error)) return error
  const { code } = error as NodeJS.ErrnoException
  const reason = code === 'ENOENT' ? 'is not there' : code === 'ELOOP' ? 'is a link' : `could not be used (${code ?? 'unknown reason'})`
  return new WeConnectError('FILE_FAILED', `The file "${path}" ${reason}`, { cause: error })
}

/** Opened first and looked at then, so that nothing can be put in its place between the check and the use. */
const openChecked = async (path: string, flags: number, folders: readonly string[]): Promise<FileHandle> => {
  const target = await allowedPath(path, folders)
  const handle = await open(target, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600)
  try {
    const opened = await handle.stat()
    const now = await stat(await allowedPath(path, folders))
    if (!opened.isFile() || opened.ino !== now.ino || opened.dev !== now.dev) throw denied(path, folders)
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

const tooLarge = (path: string, limit: number): WeConnectError =>
  new WeConnectError('FILE_FAILED', `The file "${path}" is larger than ${limit} bytes`)

const readFile = async (path: string, folders: readonly string[], limit: number): Promise<FileAnswer> => {
  const handle = await openChecked(path, constants.O_RDONLY, folders)
  try {
    if ((await handle.stat()).size > limit) throw tooLarge(path, limit)
    const bytes = await handle.readFile()
    if (bytes.length > limit) throw tooLarge(path, limit)
    return { base64: bytes.toString('base64') }
  } finally {
    await handle.close()
  }
}

const writeFile = async (request: FileRequest & { kind: 'write' }, folders: readonly string[], limit: number): Promise<FileAnswer> => {
  const { path, base64, append } = request
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length > limit) throw tooLarge(path, limit)
  const handle = await openChecked(path, constants.O_WRONLY | constants.O_CREAT | (append ? constants.O_APPEND : 0), folders)
  try {
    if (!append) await handle.truncate(0)
    await handle.writeFile(bytes)
    await handle.sync()
    return {}
  } finally {
    await handle.close()
  }
}

/** The part of a pattern before its first wildcard, up to a slash. */
const fixedPart = (pattern: string): string => {
  const wildcard = pattern.search(/[*?[\]{}()!]/)
  return wildcard === -1 ? pattern : pattern.slice(0, pattern.lastIndexOf('/', wildcard) + 1) || '.'
}

/** Plain files below a folder; links are not followed, hidden entries are left out. */
const filesBelow = async (folder: string, left: { entries: number }): Promise<readonly string[]> => {
  const found: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (left.entries-- === 0) throw new WeConnectError('FILE_FAILED', `There are too many files in "${folder}" to look at`)
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...(await filesBelow(path, left)))
    else if (entry.isFile()) found.push(path)
  }
  return found
}

const listFiles = async (pattern: string, folders: readonly string[], entries: number): Promise<FileAnswer> => {
  const exact = await allowedPath(pattern, folders)
    .then(stat)
    .catch(() => undefined)
  if (exact?.isFile()) return { paths: [pattern] }
  if (pattern.split('/').includes('..')) throw denied(pattern, folders)
  const start = await allowedPath(fixedPart(pattern), folders)
  if (!(await stat(start)).isDirectory()) return { paths: [] }
  const asked = isAbsolute(pattern) ? resolve(fixedPart(pattern)) : resolve(folders[0]!, fixedPart(pattern))
  const wanted = isAbsolute(pattern) ? pattern : join(folders[0]!, pattern)
  const below = (await filesBelow(start, { entries })).map((path) => join(asked, path.slice(start.length)))
  const root = isAbsolute(pattern) ? '' : resolve(folders[0]!)
  return {
    paths: below
      .filter((path) => matchesGlob(path, wanted))
      .map((path) => (root === '' ? path : path.slice(root.length + 1)))
      .sort(),
  }
}

/** The files of this machine that nodes may use: plain files inside the given folders, whatever the path says. */
export const openFolderFiles = ({ folders, maxBytes = 64 * 2 ** 20, maxEntries = 100_000 }: FolderFilesOptions): Files => ({
  perform: async (request) => {
    const path = request.kind === 'list' ? request.pattern : request.path
    try {
      if (request.kind === 'list') return await listFiles(path, folders, maxEntries)
      return request.kind === 'read' ? await readFile(path, folders, maxBytes) : await writeFile(request, folders, maxBytes)
    } catch (error) {
      throw failed(path, error)
    }
  },
})

/** Folders from a setting: `;` between them. */
export const parseFolders = (setting: string): readonly string[] =>
  setting
    .split(';')
    .map((folder) => folder.trim())
    .filter(Boolean)
