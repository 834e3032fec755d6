import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine, Place } from './engine.ts'
import { installEngine } from './install.ts'
import { oneAtATime } from './lock.ts'
import { freePorts } from './ports.ts'

const readyLimitMs = 120_000
const stopLimitMs = 15_000

/** What is kept of a started engine, in `engine.json` of its folder. */
interface Kept {
  readonly pid: number
  readonly began: string
  readonly ports: readonly number[]
}

export interface RunningEngine {
  readonly name: string
  readonly pid: number
  readonly variables: Readonly<Record<string, string>>
  readonly logFile: string
}

const read = (folder: string): Kept | undefined => {
  try {
    return JSON.parse(readFileSync(join(folder, 'engine.json'), 'utf8')) as Kept
  } catch {
    return undefined
  }
}

/**
 * When the process began, in the system's own ticks; undefined when it does not live. A number may be another process's by now, and neither its
 * environment nor its command line tells, as some servers write over both.
 */
const beginning = (pid: number): string | undefined => {
  try {
    process.kill(pid, 0)
    if (!existsSync('/proc/self/stat')) return 'unknown'
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' ? undefined : fields[18]
  } catch {
    return undefined
  }
}

const livingPid = (folder: string): number | undefined => {
  const kept = read(folder)
  return kept !== undefined && beginning(kept.pid) === kept.began ? kept.pid : undefined
}

const describe = (engine: Engine, folder: string, pid: number, place: Place): RunningEngine => ({
  name: engine.name,
  pid,
  variables: engine.variables(place),
  logFile: join(folder, 'log'),
})

/** The engine of a folder while its process lives. */
export const runningEngine = (engine: Engine, folder: string): RunningEngine | undefined => {
  const pid = livingPid(folder)
  const place = { installed: '', data: join(folder, 'data'), ports: read(folder)?.ports ?? [] }
  return pid === undefined ? undefined : describe(engine, folder, pid, place)
}

/**
 * Starts an engine in a folder of its own, or takes the one that runs there. One that ran there before comes back with its data and its ports.
 * @throws Error with the end of its log when it does not become ready
 */
export const startEngine = async (engine: Engine, folder: string, say: (text: string) => void): Promise<RunningEngine> => {
  const installed = await installEngine(engine, say)
  return oneAtATime(`${folder}.lock`, async () => {
    await mkdir(join(folder, 'data'), { recursive: true })
    const place = { installed, data: join(folder, 'data'), ports: read(folder)?.ports ?? (await freePorts(engine.portCount)) }
    const pid = livingPid(folder) ?? (await launch(engine, folder, place))
    await untilReady(engine, folder, pid, place)
    return describe(engine, folder, pid, place)
  })
}

const launch = async (engine: Engine, folder: string, place: Place): Promise<number> => {
  const { command, env, cwd } = await engine.launch(place)
  const log = openSync(join(folder, 'log'), 'a')
  const child = spawn(command[0] ?? '', command.slice(1), {
    cwd: cwd ?? folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', log, log],
    detached: true,
  })
  closeSync(log)
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('spawn', () => resolve(child.pid ?? 0))
  })
  child.unref()
  await writeFile(join(folder, 'engine.json'), JSON.stringify({ pid, began: beginning(pid) ?? '', ports: place.ports } satisfies Kept))
  return pid
}

const untilReady = async (engine: Engine, folder: string, pid: number, place: Place): Promise<void> => {
  const limit = performance.now() + readyLimitMs
  while (!(await engine.isReady(place))) {
    if (livingPid(folder) !== pid || performance.now() > limit) {
      const log = readFileSync(join(folder, 'log'), 'utf8').slice(-3000)
      throw new Error(`${engine.name} did not become ready:\n${log}`)
    }
    await sleep(50)
  }
}

/** Ends it: politely, then by force. Its data stay. @returns whether it ran */
export const stopEngine = async (folder: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<boolean> => {
  const pid = livingPid(folder)
  if (pid === undefined) return false
  process.kill(pid, signal)
  const limit = performance.now() + stopLimitMs
  while (livingPid(folder) === pid) {
    if (performance.now() > limit) process.kill(pid, 'SIGKILL')
    await sleep(20)
  }
  return true
}

export const forgetEngine = async (folder: string): Promise<void> => {
  await stopEngine(folder)
  await rm(folder, { recursive: true, force: true })
}
