import { randomInt } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { WeConnectError } from '@weconnect/contracts/errors'
import Database from 'better-sqlite3'
import { openingError } from '../storage-error.ts'

export type LogFile = Database.Database

const layoutVersion = 1
const tables = `
  create table meta (name text primary key, value text not null) without rowid;
  create table streams (id integer primary key, name text not null unique, revision integer not null);
  -- One row per append; position and revision are those of its first event.
  create table appends (
    position integer primary key, stream integer not null, revision integer not null, count integer not null, body blob not null
  );
  create unique index appends_by_stream on appends (stream, revision);
  create table work (stream integer primary key, status text not null, worker text, epoch integer, due_at integer);
`

/** Eight characters; they name the log in positions and tokens. */
const randomLogId = (): string => Array.from({ length: 8 }, () => randomInt(36).toString(36)).join('')

const makeTables = (file: LogFile): void => {
  file.transaction(() => {
    file.exec(tables)
    file.prepare('insert into meta values (?, ?)').run('logId', randomLogId())
    file.pragma(`user_version = ${layoutVersion}`)
  })()
}

const checkLayout = (file: LogFile, folder: string, readOnly: boolean): void => {
  const version = Number(file.pragma('user_version', { simple: true }))
  if (version === layoutVersion) return
  if (version === 0 && readOnly)
    throw new WeConnectError('CONFIG_INVALID', `There is no event log in ${folder} yet: start WeConnect first.`)
  if (version !== 0) {
    throw new WeConnectError(
      'CONFIG_INVALID',
      `The event log in ${folder} was written by a newer release (layout ${version}): use that release.`,
    )
  }
  makeTables(file)
}

const configure = (file: LogFile, readOnly: boolean): void => {
  file.pragma('busy_timeout = 5000')
  file.pragma('cache_size = -16000')
  if (readOnly) return
  // An append of a few kilobytes fills half a page: measured a fifth faster than pages of 4096 bytes, and less is written than with 16384.
  file.pragma('page_size = 8192')
  file.pragma('journal_mode = wal')
  // The driver's default for WAL, NORMAL, loses acknowledged appends when the power fails; macOS needs fullfsync for the same reason.
  file.pragma('synchronous = full')
  file.pragma('fullfsync = on')
}

/**
 * Opens `log.db` of a data folder, and makes both when they are missing and may be written.
 * @throws WeConnectError CONFIG_INVALID (folder absent, not writable, newer layout), LOG_CORRUPT
 */
export const openLogFile = (folder: string, readOnly: boolean): { file: LogFile; logId: string } => {
  let file: LogFile | undefined
  try {
    if (!readOnly) mkdirSync(folder, { recursive: true, mode: 0o700 })
    file = new Database(join(folder, 'log.db'), { readonly: readOnly })
    configure(file, readOnly)
    checkLayout(file, folder, readOnly)
    const row = file.prepare<[], { value: string }>(`select value from meta where name = 'logId'`).get()
    if (!row) throw new WeConnectError('LOG_CORRUPT', `The event log in ${folder} has lost its id: restore it from a backup.`)
    return { file, logId: row.value }
  } catch (error) {
    file?.close()
    throw openingError(folder, error)
  }
}
