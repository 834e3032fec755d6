import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))

/** `weconnect eventstore serve` as a user starts it. */
export interface EventStoreProcess {
  readonly folder: string
  /** What it said to use as EVENTSTORE_URL. */
  readonly url: string
  output(): string
  kill9(): Promise<void>
  /** Starts it again, on the same port. */
  restart(): Promise<void>
  /** @returns exit code after SIGTERM */
  stop(): Promise<number | null>
  remove(): Promise<void>
}

export const startEventStoreProcess = async (
  how: readonly string[] = ['--insecure'],
  env: NodeJS.ProcessEnv = {},
): Promise<EventStoreProcess> => {
  const folder = join(mkdtempSync(join(tmpdir(), 'weconnect-eventstore-')), 'log')
  let child: ChildProcess | undefined
  let output = ''
  const start = async (port: string): Promise<string> => {
    let said = ''
    const started = spawn(process.execPath, [main, 'eventstore', 'serve', '--port', port, '--data', folder, ...how], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    const failed = once(started, 'exit').then(() => {
      throw new Error(`weconnect eventstore serve did not start:\n${said}`)
    })
    const ready = new Promise<string>((resolve) => {
      const note = (text: Buffer): void => {
        said += text.toString()
        output += text.toString()
        if (!said.includes('Ctrl-C stops')) return
        const [, url] = /EVENTSTORE_URL=(\S+)/.exec(said) ?? /ready: (\S+)/.exec(said) ?? []
        if (url !== undefined) resolve(url)
      }
      started.stdout.on('data', note)
      started.stderr.on('data', note)
    })
    failed.catch(() => undefined)
    return Promise.race([ready, failed])
  }
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return null
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
    return child.exitCode
  }
  const url = await start('0')
  const port = /:([0-9]+)(\?|$)/.exec(url)?.[1] ?? ''
  return {
    folder,
    url,
    output: () => output,
    kill9: async () => void (await end('SIGKILL')),
    restart: async () => void (await start(port)),
    stop: () => end('SIGTERM'),
    remove: async () => {
      await end('SIGKILL')
      rmSync(join(folder, '..'), { recursive: true, force: true })
    },
  }
}
