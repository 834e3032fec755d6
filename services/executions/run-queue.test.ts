import { expect, test } from 'vitest'
import { RunQueue } from './run-queue.ts'

test('runs at most as many at a time as it may, urgent ones first, and no failure stops it', async () => {
  const queue = new RunQueue(1)
  const order: string[] = []
  const gate = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  queue.add(async () => {
    order.push('first')
    await gate.promise
  })
  queue.add(async () => void order.push('normal'))
  queue.add(
    async () => {
      order.push('urgent')
      throw new Error('a run may fail')
    },
    { priority: 1 },
  )
  queue.add(
    async () => {
      order.push('late')
      done.resolve()
    },
    { priority: 5 },
  )
  expect(queue.running).toBe(1)
  expect(queue.size).toBe(3)
  gate.resolve()
  await done.promise
  expect(order).toEqual(['first', 'urgent', 'normal', 'late'])
})

test('organisations take turns by their weights, however many runs of one wait', async () => {
  const queue = new RunQueue(1)
  const order: string[] = []
  const gate = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  queue.add(() => gate.promise)
  const add = (organisationId: string, weight: number, count: number): void => {
    for (let n = 0; n < count; n += 1)
      queue.add(
        async () => {
          order.push(organisationId)
          if (order.length === 36) done.resolve()
        },
        { organisationId, weight },
      )
  }
  add('a', 1, 30)
  add('b', 2, 6)
  gate.resolve()
  await done.promise
  expect(order.slice(0, 9).filter((organisationId) => organisationId === 'b')).toHaveLength(6)
})
