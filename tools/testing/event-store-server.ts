import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ServedLog {
  /** Holds `log.db`. */
  readonly folder: string
  readonly port: number
  /** For the official clients. */
  readonly url: string
  /** Puts the server's clock ahead of the real one. */
  setAhead(ms: number): Promise<void>
  /** Ends the server at once, as a power cut would. */
  kill(): Promise<void>
  /** Lets it answer nothing, with its connections open, until it goes on. */
  pause(): void
  resume(): void
  /** Starts it again over the same log, on the same port. */
  start(): Promise<void>
  close(): Promise<void>
}

export interface ServedLogOptions {
  readonly readOnly?: boolean
  /** PEM texts, and the password of the accounts `admin` and `ops`. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly adminPassword: string }
}

const script = join(import.meta.dirname, 'served-log-process.ts')

/**
 * An embedded log in a folder of its own, served by the EventStoreDB protocol from a process of its own: the two official clients cannot live in one
 * process with each other's message classes, which they keep in global names.
 */
export const serveLog = async ({ readOnly = false, tls }: ServedLogOptions = {}): Promise<ServedLog> => {
  const folder = mkdtempSync(join(tmpdir(), 'weconnect-served-'))
  let child: ChildProcess | undefined
  const start = async (port: number): Promise<number> => {
    child = fork(script, [JSON.stringify({ folder, port, readOnly, tls })], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const [message] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [{ port: number } | number]
    if (typeof message !== 'object') throw new Error(`The server ended with ${message}`)
    return message.port
  }
  const kill = async (): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  const port = await start(0)
  return {
    folder,
    port,
    url: `esdb://127.0.0.1:${port}?tls=${tls ? 'true' : 'false'}`,
    setAhead: async (ahead) => {
      const moved = once(child as ChildProcess, 'message')
      child?.send({ ahead })
      await moved
    },
    kill,
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    start: async () => void (await start(port)),
    close: async () => {
      await kill()
      rmSync(folder, { recursive: true })
    },
  }
}
