import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const test = async (args: readonly string[]): Promise<number> => (await import('@weconnect/check/run-tests')).runTests([...args])
export const check = async (args: readonly string[]): Promise<number> => (await import('@weconnect/check/run-check')).runCheck([...args])
export const bench = async (args: readonly string[]): Promise<number> => (await import('@weconnect/bench/run-bench')).runBench([...args])

export const generate = (args: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const script = fileURLToPath(import.meta.resolve('@weconnect/check/generate-events'))
    spawn(process.execPath, [script, ...args], { stdio: 'inherit' })
      .once('error', reject)
      .once('exit', (code) => resolve(code ?? 1))
  })
