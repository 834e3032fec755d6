import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from './pool.ts'

export interface Postmaster {
  readonly pid: number
  readonly socket: string
  readonly port: number
  readonly ready: boolean
}

/** The server that postmaster.pid of this cluster names, when such a process lives and is one of this cluster. */
export const runningPostmaster = (data: string): Postmaster | undefined => {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const [pid, , , port, socket, , , status] = readFileSync(file, 'utf8').split('\n')
  const found = { pid: Number(pid), socket: (socket ?? '').trim(), port: Number(port), ready: status?.trim() === 'ready' }
  return found.pid > 1 && isAlive(found.pid) && servesCluster(found.pid, data) ? found : undefined
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** A server whose owner died and that nobody reaps has ended all the same. */
const isZombie = (pid: number): boolean => / Z /.test(readIfThere(`/proc/${pid}/stat`)?.replace(/^.*\)/, '') ?? '')

/** After a reboot another process may have the number. Where there is no /proc, the pid file is believed. */
const servesCluster = (pid: number, data: string): boolean => {
  const command = readIfThere(`/proc/${pid}/cmdline`)
  return command === undefined ? !existsSync('/proc/self') : command.split('\0').includes(data)
}

const readIfThere = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

const signals = { fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' } as const

/** Ends a server and waits until it is gone: sessions are ended, then, where that takes too long, with less and less ceremony. */
export const endPostmaster = async (pid: number, from: keyof typeof signals = 'fast'): Promise<void> => {
  const steps = (['fast', 'immediate', 'kill'] as const).slice(['fast', 'immediate', 'kill'].indexOf(from))
  for (const step of steps) {
    signal(pid, signals[step])
    if (await gone(pid, step === 'fast' ? 20_000 : 1_000)) return
  }
}

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const gone = async (pid: number, withinMs: number): Promise<boolean> => {
  for (let waited = 0; waited < withinMs; waited += 10) {
    if (!isAlive(pid)) return true
    await sleep(10)
  }
  return !isAlive(pid)
}

/** Removes what a server that is gone has left, or the next one believes that it still runs. */
export const clearRemains = (data: string, { host, port }: Connection): void => {
  for (const file of [join(data, 'postmaster.pid'), join(host, `.s.PGSQL.${port}`), join(host, `.s.PGSQL.${port}.lock`)])
    rmSync(file, { force: true })
}
