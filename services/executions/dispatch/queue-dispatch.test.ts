import { WeConnectError } from '@weconnect/contracts/errors'
import { openEmbeddedQueues } from '@weconnect/queue/embedded'
import type { Queues } from '@weconnect/queue/port'
import { expect, test, vi } from 'vitest'
import type { Work } from './dispatch.ts'
import { workOfRequest } from './dispatch.ts'
import { openQueueDispatch, type Worker } from './queue-dispatch.ts'

const patience = { timeout: 20_000, interval: 5 }
const queuesHere = (): Queues =>
  openEmbeddedQueues({
    now: Date.now,
    after: (ms, call) => {
      const timer = setTimeout(call, ms)
      return () => clearTimeout(timer)
    },
  })

const recording = () => {
  const [taken, here]: [string[], Work[]] = [[], []]
  const worker: Worker = {
    takeUp: async ({ executionId }) => void taken.push(executionId),
    takeHere: (work) => void here.push(work),
    lookForWork: async () => undefined,
  }
  return { taken, here, worker }
}
const dispatchOn = (queues: Queues) =>
  openQueueDispatch({ queues, handsTo: (queue) => queue !== 'workflow-execution', now: Date.now, onError: (error) => console.error(error) })

test('work goes to the queue of its kind and comes back to a worker; what nobody serves or carries is done where it is found', async () => {
  const queues = queuesHere()
  const { taken, worker } = recording()
  const dispatch = dispatchOn(queues)
  expect(dispatch.offer({ executionId: 'early', kind: 'webhook' })).toBe(false)
  dispatch.serve(worker)
  expect(dispatch.offer({ executionId: 'a', kind: 'begin' })).toBe(false)
  expect([dispatch.takes('begin'), dispatch.takes('webhook')]).toEqual([false, true])
  for (const executionId of ['b', 'c']) expect(dispatch.offer({ executionId, kind: 'webhook' })).toBe(true)
  expect(dispatch.offer({ executionId: 'd', kind: 'errorWorkflow' })).toBe(true)
  expect(dispatch.offer({ executionId: 'e', kind: 'retry' })).toBe(true)
  await expect.poll(() => taken.toSorted(), patience).toEqual(['b', 'c', 'd', 'e'])
  const statistics = await queues.statistics()
  expect([statistics['webhook-processing'].completed, statistics.notification.completed, statistics['node-execution'].completed]).toEqual([
    2, 1, 1,
  ])
  expect(await queues.jobs('node-execution', 'completed', 1)).toMatchObject([{ priority: 10, progress: 100 }])
  await queues.close()
})

test('what is due later keeps nothing away that is said before', async () => {
  const queues = queuesHere()
  const { taken, worker } = recording()
  const dispatch = dispatchOn(queues)
  dispatch.serve(worker)
  dispatch.offer({ executionId: 'a', kind: 'goOn', dueAt: Date.now() + 3_600_000 })
  await expect.poll(async () => (await queues.statistics())['node-execution'].delayed, patience).toBe(1)
  dispatch.offer({ executionId: 'a', kind: 'goOn' })
  await expect.poll(() => taken, patience).toEqual(['a'])
  await queues.close()
})

test('what cannot be handed over is done here', async () => {
  const queues = queuesHere()
  const { here, worker } = recording()
  const refusing: Queues = { ...queues, add: () => Promise.reject(new WeConnectError('UNAVAILABLE', 'Redis is away')) }
  const dispatch = dispatchOn(refusing)
  dispatch.serve(worker)
  for (const executionId of ['a', 'b']) expect(dispatch.offer({ executionId, kind: 'webhook' })).toBe(true)
  await expect.poll(() => here.map(({ executionId }) => executionId), patience).toEqual(['a', 'b'])
  await queues.close()
})

test('a request says by its trigger what kind of work it is', () => {
  const workOf = (data: object) => workOfRequest('e', Buffer.from(JSON.stringify(data)))
  const kinds = ['manual', 'schedule', 'webhook', 'error'].map((trigger) => workOf({ trigger, flow: null })?.kind)
  expect(kinds).toEqual(['begin', 'begin', 'webhook', 'errorWorkflow'])
  expect(workOf({ trigger: 'webhook', priority: 1 })).toEqual({ executionId: 'e', kind: 'webhook', priority: 1 })
  expect(workOf({ trigger: 'webhook', flow: { keyId: 'k' } })).toBeUndefined()
})

test('who begins to serve looks for what was asked for while nobody did, and again and again', async () => {
  const queues = queuesHere()
  let again: (() => void) | undefined
  const dispatch = openQueueDispatch({
    ...{ queues, handsTo: () => true, now: Date.now, onError: (error) => console.error(error) },
    every: (call) => {
      again = call
    },
  })
  const lookForWork = vi.fn(async () => undefined)
  dispatch.serve({ ...recording().worker, lookForWork })
  expect(lookForWork).toHaveBeenCalledTimes(1)
  again?.()
  expect(lookForWork).toHaveBeenCalledTimes(2)
  await queues.close()
})
