import { createHash } from 'node:crypto'
import { existsSync, readdirSync, realpathSync, rmdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WeConnectError } from '@weconnect/contracts/errors'
import { type Account, canReach, makePrivateFolder } from './account.ts'

export interface Places {
  /** Holds the cluster, the log file of the server, and perhaps the socket. */
  readonly folder: string
  /** Folder of the unix socket. */
  readonly socket: string
  /** Where copies of the programs may go. */
  readonly programs: string
}

/** What of `sockaddr_un` (108 bytes, 104 on a Mac) a folder may use, with room for `/.s.PGSQL.5432.lock`. */
const longestSocketFolder = 80
const systemFolder = '/var/lib/weconnect'

/**
 * Where the server's files go: under `folder` when the account reaches it, else (root's 0700 home) in a place named after it that it does reach.
 * @throws WeConnectError CONFIG_INVALID when there is none
 */
export const choosePlaces = (folder: string, account: Account): Places => {
  const name = createHash('sha256')
    .update(existsSync(folder) ? realpathSync(folder) : folder)
    .digest('hex')
    .slice(0, 16)
  const candidates = [folder, join(systemFolder, name), join(tmpdir(), `weconnect-${name}`)]
  const chosen = candidates.find((candidate) => usable(candidate, account))
  if (chosen === undefined)
    throw new WeConnectError(
      'CONFIG_INVALID',
      `PostgreSQL cannot run as root, and the account nobody reaches none of ${candidates.join(', ')}: set POSTGRES_URL`,
    )
  // Whoever finds it elsewhere on the system shall know whose it is.
  if (chosen !== folder) writeFileSync(join(chosen, 'belongs-to'), `${folder}\n`)
  return { folder: chosen, socket: socketFolder(chosen, name, account), programs: systemFolder }
}

const usable = (folder: string, account: Account): boolean => {
  try {
    makePrivateFolder(folder, account)
    if (canReach(folder, account)) return true
    if (readdirSync(folder).length === 0) rmdirSync(folder)
  } catch {
    // Not ours to write in: the next candidate may be.
  }
  return false
}

const socketFolder = (folder: string, name: string, account: Account): string => {
  const inside = join(folder, 'socket')
  const socket = Buffer.byteLength(inside) <= longestSocketFolder ? inside : join(tmpdir(), `weconnect-${name}-socket`)
  makePrivateFolder(socket, account)
  return socket
}
