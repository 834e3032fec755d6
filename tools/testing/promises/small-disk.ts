import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  readonly folder: string
  /** Takes all space but so many bytes. */
  fill(leave: number): void
  /** Gives back what `fill` took. */
  free(): void
  remove(): void
}

/** A tmpfs of its own; undefined where that may not be mounted (it takes root on Linux). */
export const mountSmallDisk = (megabytes: number): SmallDisk | undefined => {
  const mount = mkdtempSync(join(tmpdir(), 'weconnect-small-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', mount], { stdio: 'ignore' })
  } catch {
    rmSync(mount, { recursive: true })
    return undefined
  }
  const folder = join(mount, 'data')
  // Readable to all, so that PostgreSQL, which does not run as root, has its files on the small disk too.
  mkdirSync(folder, { mode: 0o755 })
  const ballast = join(mount, 'ballast')
  return {
    folder,
    fill: (leave) => {
      const { bavail, bsize } = statfsSync(mount)
      try {
        writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leave)))
      } catch (error) {
        // Somebody else took what was free a moment ago: it is full all the same.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    },
    free: () => rmSync(ballast, { force: true }),
    remove: () => {
      execFileSync('umount', ['-l', mount])
      rmSync(mount, { recursive: true })
    },
  }
}
