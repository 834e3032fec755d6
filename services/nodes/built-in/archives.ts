import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { WeConnectError } from '@weconnect/contracts/errors'
import { withinTime } from './within-time.ts'

/** An archive is small and what is in it may not be: bytes and entries that may come out of one. */
export interface ArchiveLimits {
  readonly maxBytes: number
  readonly maxEntries: number
}
export const archiveLimits: ArchiveLimits = { maxBytes: 256 * 2 ** 20, maxEntries: 10_000 }

const tooLarge = ({ maxBytes }: ArchiveLimits): WeConnectError =>
  new WeConnectError('ARCHIVE_TOO_LARGE', `The archive holds more than ${maxBytes} bytes`)
const damaged = (kind: string, cause: unknown): WeConnectError =>
  new WeConnectError('NODE_FAILED', `The file is no ${kind} archive, or it is damaged`, { cause })

const gunzipBytes = promisify(gunzip)
const gzipBytes = promisify(gzip) as (bytes: Buffer) => Promise<Buffer>

/** @throws WeConnectError ARCHIVE_TOO_LARGE, NODE_FAILED */
export const ungzipped = async (bytes: Buffer, limits = archiveLimits): Promise<Buffer> => {
  try {
    return await gunzipBytes(bytes, { maxOutputLength: limits.maxBytes })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(limits) : damaged('gzip', error)
  }
}
export const gzipped = gzipBytes

export interface ArchiveEntry {
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * The files of a zip archive, in its order; folders and what macOS adds are left out. What an entry claims to hold is all that is made of it.
 * @throws WeConnectError ARCHIVE_TOO_LARGE, NODE_FAILED
 */
export const unzipped = async (archive: Buffer, limits = archiveLimits): Promise<readonly ArchiveEntry[]> => {
  const { unzipSync } = await import('fflate')
  let [bytes, entries] = [0, 0]
  const filter = ({ name, originalSize }: { name: string; originalSize: number }): boolean => {
    entries += 1
    bytes += originalSize
    if (entries > limits.maxEntries) throw new WeConnectError('ARCHIVE_TOO_LARGE', `The archive holds more than ${limits.maxEntries} files`)
    if (bytes > limits.maxBytes) throw tooLarge(limits)
    return !name.endsWith('/') && !name.startsWith('__MACOSX/')
  }
  try {
    const files = withinTime('Unpacking the archive', () => unzipSync(archive, { filter }), 10_000)
    return Object.entries(files).map(([name, content]) => ({ name, bytes: content }))
  } catch (error) {
    throw error instanceof WeConnectError ? error : damaged('zip', error)
  }
}

const packed = /\.(zip|gz|tgz|7z|rar|jpe?g|png|gif|webp|mp[34]|docx|xlsx|pptx)$/i
/** Recorded with every entry, so that the same files give the same archive; the earliest day that a zip can name. */
const entryTime = '1980-01-01T00:00:00Z'

/** Files as a zip archive; of two with one name, the second gets a number. */
export const zipped = async (files: readonly ArchiveEntry[]): Promise<Buffer> => {
  const { zipSync } = await import('fflate')
  const entries: Record<string, [Uint8Array, { level: 0 | 6; mtime: string }]> = Object.create(null)
  for (const { name, bytes } of files) {
    let free = name
    for (let number = 1; free in entries; number += 1) free = name.replace(/(\.[^./]*)?$/, `_${number}$1`)
    entries[free] = [bytes, { level: packed.test(name) ? 0 : 6, mtime: entryTime }]
  }
  return Buffer.from(zipSync(entries))
}

/** The same archive with nothing in it compressed, for readers that would unpack without a limit. */
export const repacked = async (archive: Buffer): Promise<Buffer> => {
  const { zipSync } = await import('fflate')
  return Buffer.from(
    zipSync(Object.fromEntries((await unzipped(archive)).map(({ name, bytes }) => [name, bytes])), { level: 0, mtime: entryTime }),
  )
}
