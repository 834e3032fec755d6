import { type Instance, startInstance } from '@weconnect/testing/instance'
import { caughtUp } from '@weconnect/testing/promises/tables'
import { hello } from '@weconnect/testing/promises/workflows'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
})
afterAll(() => instance?.remove())

const executionCount = async (): Promise<number> =>
  (await instance.graphql<{ executions: { totalCount: number } }>('{ executions(first: 1) { totalCount } }')).executions.totalCount

test('while PostgreSQL is dead deliveries are answered, and when it is back the read models have them', async () => {
  await instance.activate(hello.file)
  const { pid } = await instance.database()
  process.kill(pid, 'SIGKILL')
  const statuses: number[] = []
  for (let n = 0; n < 50; n += 1) statuses.push((await instance.deliver(hello.path, { n })).status)
  expect(new Set(statuses)).toEqual(new Set([200]))

  // Its sessions outlive it for a moment.
  await vi.waitFor(() => expect(instance.output()).toContain('PostgreSQL has ended'), { timeout: 30_000, interval: 20 })
  await vi.waitFor(async () => expect((await fetch(`${instance.url()}/ready`)).status).toBe(200), { timeout: 30_000, interval: 50 })
  await caughtUp(instance)
  expect(await executionCount()).toBe(50)
  expect((await instance.database()).pid).not.toBe(pid)
  expect(await instance.stop()).toBe(0)
})
