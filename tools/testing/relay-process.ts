import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))

export interface RelayProcess {
  /** States it said so far, one after the other. */
  states(): readonly string[]
  output(): string
  untilState(state: string, limitMs?: number): Promise<void>
  kill9(): Promise<void>
  stop(): Promise<void>
}

/** `weconnect relay` as a process of its own. */
export const startRelayProcess = (dataFolder: string, env: Readonly<Record<string, string>>): RelayProcess => {
  const child: ChildProcess = spawn(process.execPath, [main, 'relay', '--data', dataFolder], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const atExit = (): void => void child.kill('SIGKILL')
  process.once('exit', atExit)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text: Buffer) => {
      output += text.toString()
    })
  const exited = once(child, 'exit').then(() => void process.removeListener('exit', atExit))
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  const states = (): readonly string[] => [...output.matchAll(/^\{"state":"(\w+)"/gm)].map(([, state]) => state ?? '')
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    await exited
  }
  return {
    states,
    output: () => output,
    untilState: async (state, limitMs = 90_000) => {
      const limit = performance.now() + limitMs
      while (!states().includes(state)) {
        if (hasEnded() || performance.now() > limit) throw new Error(`the relay did not become ${state}:\n${output}`)
        await sleep(20)
      }
    },
    kill9: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  }
}
