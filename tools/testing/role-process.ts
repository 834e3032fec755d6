import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { answers, freePorts } from '@weconnect/engines/ports'

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))
const startLimitMs = 300_000

/** `weconnect start ROLE ...` as a user starts it, one process after the other on the same port. */
export interface RoleProcess {
  readonly name: string
  readonly url: string
  pid(): number | undefined
  /** Everything that all its processes so far said. */
  output(): string
  alive(): boolean
  /** Alive, and was ready once. */
  serving(): boolean
  /** As a power cut: no handler runs. */
  kill9(): Promise<void>
  /** Waits until it says that it is ready. @param limitMs for those that have much to read first */
  restart(limitMs?: number): Promise<void>
  /** SIGTERM. @returns its exit code */
  stop(): Promise<number | null>
}

/** @param env what the processes share */
export const startRoleProcess = async (words: readonly string[], env: Readonly<Record<string, string>>): Promise<RoleProcess> => {
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  let output = ''
  let wasReady = false
  const note = (text: Buffer): void => {
    output += text.toString()
  }
  const alive = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null
  process.once('exit', () => child?.kill('SIGKILL'))

  const restart = async (limitMs = startLimitMs): Promise<void> => {
    const began = performance.now()
    wasReady = false
    const started = spawn(process.execPath, [main, 'start', ...words, '--port', String(port)], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    started.stdout.on('data', note)
    started.stderr.on('data', note)
    while (!(await answers(`${url}/ready`))) {
      if (!alive() || performance.now() - began > limitMs)
        throw new Error(`weconnect start ${words.join(' ')} did not become ready:\n${output.slice(-4000)}`)
      await sleep(100)
    }
    wasReady = true
  }
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (!child) return null
    const exited = alive() ? once(child, 'exit') : undefined
    child.kill(signal)
    await exited
    return child.exitCode
  }
  const role = {
    name: words.join('+'),
    url,
    pid: () => child?.pid,
    output: () => output,
    alive,
    serving: () => wasReady && alive(),
    restart,
  }
  await restart()
  return { ...role, kill9: () => end('SIGKILL').then(() => undefined), stop: () => end('SIGTERM') }
}
