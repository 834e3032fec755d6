import { WeConnectError } from '@weconnect/contracts/errors'

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? ''

/** What a driver's or the system's error means to the caller. Errors with a code of ours pass unchanged. */
export const storageError = (error: unknown): WeConnectError => {
  if (error instanceof WeConnectError) return error
  const code = codeOf(error)
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') {
    return new WeConnectError(
      'DISK_FULL',
      'The disk that holds the event log is full. Nothing was written: free some space and try again.',
      {
        cause: error,
      },
    )
  }
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') {
    return new WeConnectError('LOG_CORRUPT', 'The file of the event log is damaged: stop, keep a copy, and restore it from a backup.', {
      cause: error,
    })
  }
  return new WeConnectError('STORAGE_FAILED', `The event log cannot be read or written (${code || 'unknown cause'}).`, { cause: error })
}

/** The same for the moment of opening, when the cause is most often the folder. */
export const openingError = (folder: string, error: unknown): WeConnectError => {
  if (error instanceof WeConnectError) return error
  const code = codeOf(error)
  if (/^(EACCES|EPERM|EROFS|ENOTDIR|EEXIST|ENOENT|SQLITE_CANTOPEN|SQLITE_READONLY|SQLITE_PERM)/.test(code)) {
    return new WeConnectError(
      'CONFIG_INVALID',
      `The data folder ${folder} cannot be used (${code}): it must be a folder that this user may write. Choose another with --data.`,
      { cause: error },
    )
  }
  return storageError(error)
}
