import { type Instance, startInstance } from '@weconnect/testing/instance'
import { workflowFile } from '@weconnect/testing/n8n-workflow'
import { failing, webhook } from '@weconnect/testing/promises/workflows'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
})
afterAll(() => instance?.remove())

const waiting = workflowFile(
  'Waits',
  { Webhook: webhook('waits', 'onReceived'), Wait: { type: 'weconnect.waitForSignal', parameters: { name: 'never' } } },
  ['Webhook -> Wait'],
)
const count = 120
const countOf = async (filter: object): Promise<number> =>
  (
    await instance.graphql<{ executions: { totalCount: number } }>(
      'query ($filter: ExecutionFilter) { executions(filter: $filter) { totalCount } }',
      { filter } as never,
    )
  ).executions.totalCount
const becomes = (filter: object, total: number) =>
  vi.waitFor(async () => expect(await countOf(filter)).toBe(total), { timeout: 120_000, interval: 200 })
const deliver = async (path: string) => {
  for (let from = 0; from < count; from += 20)
    await Promise.all(Array.from({ length: 20 }, (_, n) => instance.deliver(path, { n: from + n })))
}
interface Operation {
  readonly id: string
  readonly status: string
  readonly done: number
  readonly succeeded: number
  readonly skipped: number
  readonly failed: number
}
const start = async (operation: string, filter: object): Promise<string> =>
  (
    await instance.graphql<{ bulkExecutions: { id: string } }>(
      'mutation ($input: BulkExecutionsInput!) { bulkExecutions(input: $input) { id } }',
      {
        input: { operation, filter } as never,
      },
    )
  ).bulkExecutions.id
const operation = async (id: string): Promise<Operation> =>
  (
    await instance.graphql<{ bulkOperation: Operation }>(
      'query ($id: ID!) { bulkOperation(id: $id) { id status done succeeded skipped failed } }',
      { id },
    )
  ).bulkOperation
const completes = (id: string) =>
  vi.waitFor(async () => expect(await operation(id)).toMatchObject({ status: 'completed' }), { timeout: 120_000, interval: 100 })

test('trigger.dev #4098: killed with -9 in the middle of a bulk retry, every execution is retried once; pause, resume and cancel come to their end', async () => {
  const workflowId = await instance.activate(failing.file)
  await deliver(failing.path)
  await becomes({ workflowId, status: ['failed'] }, count)
  const dry = await instance.command('bulk', 'retry', '--workflow', 'Fails', '--dry-run', '--json')
  expect(JSON.parse(dry.stdout)).toMatchObject({ id: null, total: count, done: 0 })
  const id = await start('retry', { workflowId })
  await instance.kill9()
  await instance.restart()
  await completes(id)
  expect(await operation(id)).toMatchObject({ done: count, succeeded: count, skipped: 0, failed: 0 })
  await becomes({ workflowId, status: ['failed'] }, 2 * count)
  expect(await countOf({ workflowId })).toBe(2 * count)

  const waits = await instance.activate(waiting)
  await deliver('waits')
  await becomes({ workflowId: waits, status: ['waiting'] }, count)
  const paused = await instance.command('bulk', 'pause', '--workflow', 'Waits', '--reason', 'audit', '--json')
  expect(JSON.parse(paused.stdout)).toMatchObject({ status: 'completed', succeeded: count })
  await becomes({ workflowId: waits, status: ['paused'] }, count)
  const resumed = await start('resume', { workflowId: waits })
  await instance.kill9()
  await instance.restart()
  await completes(resumed)
  expect((await operation(resumed)).failed).toBe(0)
  await becomes({ workflowId: waits, status: ['waiting'] }, count)
  const cancelled = await start('cancel', { workflowId: waits })
  await instance.kill9()
  await instance.restart()
  await completes(cancelled)
  await becomes({ workflowId: waits, status: ['cancelled'] }, count)
  expect((await instance.command('bulk', 'show', cancelled)).stdout).toContain(`${count} of ${count}`)
  expect(await instance.command('bulk', 'explode')).toMatchObject({ code: 2 })
})
