import { mkdir, readlink, rm, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** A lock is a symbolic link to its holder's process id: made in one step, so it never exists without its owner. */
const take = async (lock: string): Promise<boolean> => {
  try {
    await symlink(String(process.pid), lock)
    return true
  } catch {
    const holder = Number(await readlink(lock).catch(() => Number.NaN))
    if (Number.isInteger(holder) && !isAlive(holder)) await rm(lock, { force: true })
    return false
  }
}

/** Does the work in one process at a time. */
export const oneAtATime = async <Result>(lock: string, work: () => Promise<Result>): Promise<Result> => {
  await mkdir(dirname(lock), { recursive: true })
  while (!(await take(lock))) await sleep(50)
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}
