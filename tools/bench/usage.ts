import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'

/** What a process and everything it started uses. */
export interface Usage {
  /** Milliseconds of CPU since the start of each process. */
  readonly cpuMs: number
  /** Megabytes of memory; pages that processes share are counted once, in parts. */
  readonly memoryMb: number
}

const ticksPerSecond = 100

interface Stat {
  readonly parent: number
  readonly ticks: number
}
/** Fields after the command's name, which may hold anything: state, parent, ... utime, stime, cutime, cstime. Reaped children count with their parent. */
const statOf = (pid: number): Stat | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { parent: Number(fields[1]), ticks: fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) }
  } catch {
    return undefined
  }
}

const memoryKb = (pid: number): number => {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

const allStats = (): ReadonlyMap<number, Stat> | undefined => {
  const stats = new Map<number, Stat>()
  try {
    for (const name of readdirSync('/proc')) {
      const stat = /^\d+$/.test(name) ? statOf(Number(name)) : undefined
      if (stat !== undefined) stats.set(Number(name), stat)
    }
    return stats
  } catch {
    return undefined
  }
}

const familyOf = (pid: number): readonly number[] | undefined => {
  const stats = allStats()
  return stats && descendants(pid, stats)
}

/** @returns undefined where there is no /proc (macOS, Windows) */
export const usageOf = (pid: number): Usage | undefined => {
  const stats = allStats()
  if (stats === undefined) return undefined
  const family = descendants(pid, stats)
  const ticks = family.reduce((sum, member) => sum + (stats.get(member)?.ticks ?? 0), 0)
  const kilobytes = family.reduce((sum, member) => sum + memoryKb(member), 0)
  return { cpuMs: (ticks / ticksPerSecond) * 1000, memoryMb: kilobytes / 1024 }
}

/**
 * Highest resident memory so far of every Node process of a family, summed; megabytes. PostgreSQL is not among them.
 * @returns -1 where there is no /proc
 */
export const peakNodeMemory = (pid: number): number => {
  const family = familyOf(pid)
  return family === undefined ? -1 : family.filter(isNode).reduce((sum, member) => sum + peakKb(member), 0) / 1024
}

const isNode = (pid: number): boolean => {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)).startsWith('node')
  } catch {
    return false
  }
}

const peakKb = (pid: number): number => {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

const descendants = (pid: number, stats: ReadonlyMap<number, Stat>): readonly number[] => [
  pid,
  ...[...stats].filter(([, { parent }]) => parent === pid).flatMap(([child]) => descendants(child, stats)),
]
