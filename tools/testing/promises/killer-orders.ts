import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** Tells steps of `killer-nodes.ts` what to do. */
export interface KillerOrders {
  readonly url: string
  readonly effects: 'pure' | 'external'
  /** Environment of processes that have those nodes. */
  readonly env: Readonly<Record<string, string>>
  /** Of each process that a killer ended: how many bystanders were in the middle of their step there. */
  readonly deaths: readonly number[]
  /** From now on killers are as harmless as the others. */
  calm(): void
  close(): Promise<void>
}

const longestWaitMs = 5_000

/** @param stepMs milliseconds of the step of a bystander */
export const openKillerOrders = async (effects: KillerOrders['effects'], stepMs: number): Promise<KillerOrders> => {
  const deaths: number[] = []
  const inTheMiddle = new Map<string, number>()
  const beside = (pid: string): number => inTheMiddle.get(pid) ?? 0
  let isDeadly = true

  const bystand = async (pid: string): Promise<string> => {
    inTheMiddle.set(pid, beside(pid) + 1)
    await wait(stepMs)
    inTheMiddle.set(pid, beside(pid) - 1)
    return 'done'
  }
  /** Not before somebody is beside it, if anybody comes. */
  const kill = async (pid: string): Promise<string> => {
    if (!isDeadly) return 'done'
    for (const limit = performance.now() + longestWaitMs; beside(pid) === 0 && performance.now() < limit; ) await wait(10)
    deaths.push(beside(pid))
    return 'die'
  }
  const server = createServer(async ({ url = '' }, response) => {
    const [, what, pid = ''] = url.split('/')
    response.end(await (what === 'killer' ? kill(pid) : bystand(pid)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const nodes = new URL('./killer-nodes.ts', import.meta.url).href
  return {
    ...{ url, effects, deaths },
    env: { NODE_OPTIONS: `--import=${nodes}`, WECONNECT_TEST_KILLER: JSON.stringify({ url, effects }) },
    calm: () => {
      isDeadly = false
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
