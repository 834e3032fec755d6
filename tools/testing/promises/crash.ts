import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

/** Node keeps what it made of the source here, so that the next process begins sooner. */
const compiled = join(tmpdir(), 'weconnect-compiled')

/**
 * Runs a program of this folder with an order until it is dead by a SIGKILL, its own or one of `killer`.
 * @returns the lines that it said
 */
export const killed = async (program: string, order: object, killer?: (kill: () => void) => void): Promise<readonly string[]> => {
  const file = fileURLToPath(new URL(`./${program}`, import.meta.url))
  const env = { NODE_COMPILE_CACHE: compiled, ...process.env }
  const child = spawn(process.execPath, [file, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'], env })
  killer?.(() => child.kill('SIGKILL'))
  const said = text(child.stdout)
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  expect(signal, `${program} did not come to its point: ${JSON.stringify(order)}`).toBe('SIGKILL')
  return (await said).split('\n').filter((line) => line !== '')
}
