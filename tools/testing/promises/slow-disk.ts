import { existsSync, mkdirSync, readFileSync, realpathSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = '/sys/fs/cgroup'

export interface SlowDisk {
  /** From now on this process writes so many times a second at most. */
  slowDown(pid: number): void
  /** Writes that went through the brake. */
  writes(): number
  speedUp(): void
  remove(): void
}

/** The whole disk under a folder, as major:minor; undefined when there is none (tmpfs, overlay). */
const diskUnder = (folder: string): string | undefined => {
  const { dev } = statSync(folder)
  const number = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`
  if (!existsSync(`/sys/dev/block/${number}`)) return undefined
  const device = realpathSync(`/sys/dev/block/${number}`)
  return readFileSync(join(existsSync(join(device, 'partition')) ? dirname(device) : device, 'dev'), 'utf8').trim()
}

/** Linux control groups in their two versions: where the group is made, what is written to its limit, where its writes are counted. */
const hierarchies = [
  {
    parent: join(root, 'blkio'),
    limit: (group: string, disk: string, writes: number | undefined) =>
      writeFileSync(join(group, 'blkio.throttle.write_iops_device'), `${disk} ${writes ?? 0}`),
    counted: (group: string) => /\d+:\d+ Write (\d+)/.exec(readFileSync(join(group, 'blkio.throttle.io_serviced'), 'utf8'))?.[1],
  },
  {
    parent: root,
    limit: (group: string, disk: string, writes: number | undefined) =>
      writeFileSync(join(group, 'io.max'), `${disk} wiops=${writes ?? 'max'}`),
    counted: (group: string) => /wios=(\d+)/.exec(readFileSync(join(group, 'io.stat'), 'utf8'))?.[1],
  },
]

/** A brake of the kernel on what a process writes to the disk under a folder; undefined where that may not be set (it takes root on Linux). */
export const brakeOnDisk = (folder: string, writesPerSecond: number): SlowDisk | undefined => {
  const disk = existsSync('/sys/dev/block') ? diskUnder(folder) : undefined
  if (disk === undefined) return undefined
  for (const { parent, limit, counted } of hierarchies) {
    const group = join(parent, `weconnect-slow-disk-${process.pid}`)
    try {
      mkdirSync(group)
      limit(group, disk, writesPerSecond)
    } catch {
      if (existsSync(group)) rmdirSync(group)
      continue
    }
    return {
      slowDown: (pid) => {
        limit(group, disk, writesPerSecond)
        writeFileSync(join(group, 'cgroup.procs'), String(pid))
      },
      writes: () => Number(counted(group) ?? 0),
      speedUp: () => limit(group, disk, undefined),
      remove: () => rmdirSync(group),
    }
  }
  return undefined
}
