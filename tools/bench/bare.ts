import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Bare {
  readonly port: number
  stop(): Promise<void>
}

export const startBare = async (): Promise<Bare> => {
  const folder = mkdtempSync(join(tmpdir(), 'weconnect-bare-'))
  const server = fork(fileURLToPath(new URL('bare-handler.ts', import.meta.url)), [folder])
  const [{ port }] = (await Promise.race([once(server, 'message'), failed(once(server, 'exit'))])) as [{ port: number }]
  return {
    port,
    stop: async () => {
      const gone = once(server, 'exit')
      server.disconnect()
      await gone
      rmSync(folder, { recursive: true })
    },
  }
}

const failed = async (exit: Promise<unknown[]>): Promise<never> => {
  const [code] = await exit
  throw new Error(`the bare handler ended with ${code} before it listened`)
}
