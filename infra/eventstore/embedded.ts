import { WeConnectError } from '@weconnect/contracts/errors'
import { type LogFile, openLogFile } from './log/log-file.ts'
import { logFollowers } from './log/log-followers.ts'
import { logReader, readStream } from './log/log-reader.ts'
import { logWriter } from './log/log-writer.ts'
import type { EventStore, WorkOf } from './port.ts'
import { openingError, storageError } from './storage-error.ts'

/** How often a reader in another thread or process looks whether something was appended. */
const pollMs = 10

/** Calls back whenever another connection has committed. */
const watchOthers = (file: LogFile, changed: () => void): (() => void) => {
  const version = file.prepare<[], number>('pragma data_version').pluck()
  let seen = version.get()
  const timer = setInterval(() => {
    const now = version.get()
    if (now === seen) return
    seen = now
    changed()
  }, pollMs)
  return () => clearInterval(timer)
}

const guarded = <Result>(read: () => Result): Promise<Result> =>
  new Promise((resolve, reject) => {
    try {
      resolve(read())
    } catch (error) {
      reject(storageError(error))
    }
  })

const refuseAppend = (): Promise<never> =>
  Promise.reject(new WeConnectError('UNAVAILABLE', 'This process opened the event log for reading only'))

/**
 * The event log in one SQLite file of the data folder.
 * @param options.workOf what appends do to the rows that openWork answers; absent = there are none
 * @param options.readOnly for other threads and processes beside the one that writes; they see new events within about 10 ms
 * @throws WeConnectError CONFIG_INVALID (the folder cannot be used), LOG_CORRUPT, DISK_FULL, STORAGE_FAILED
 */
export const openEmbeddedEventStore = (options: { folder: string; workOf?: WorkOf; readOnly?: boolean }): EventStore => {
  const { file, logId } = openLogFile(options.folder, options.readOnly ?? false)
  try {
    return storeOver(file, logId, options)
  } catch (error) {
    file.close()
    throw openingError(options.folder, error)
  }
}

const storeOver = (file: LogFile, logId: string, { workOf, readOnly = false }: { workOf?: WorkOf; readOnly?: boolean }): EventStore => {
  const reader = logReader(file, logId)
  const followers = logFollowers(reader, logId)
  const writer = readOnly ? undefined : logWriter({ file, logId, reader, workOf, published: followers.publish })
  const stopWatching = readOnly ? watchOthers(file, followers.lookAgain) : undefined
  return {
    logId,
    append: writer ? writer.append : refuseAppend,
    read: (stream, range) => readStream(reader, stream, range),
    readAll: (range) => guarded(() => reader.all(range)),
    head: () => guarded(reader.head),
    subscribe: followers.subscribe,
    openWork: () => guarded(reader.work),
    integrity: () => guarded(reader.integrity),
    close: () =>
      guarded(() => {
        stopWatching?.()
        writer?.close()
        followers.close()
        file.close()
      }),
  }
}
