import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

const syncPath = (path: string): void => {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Replaces a file (mode 600) as a whole: a crash leaves the old content or the new, on disk when this returns. */
export const replaceDurably = (path: string, content: string): void => {
  const draft = `${path}.new`
  const descriptor = openSync(draft, 'w', 0o600)
  try {
    writeSync(descriptor, content)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  renameSync(draft, path)
  syncPath(dirname(path))
}
