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
  queue.add(async () => {
    order.push('urgent')
    throw new Error('a run may fail')
  }, 1)
  queue.add(async () => {
    order.push('late')
    done.resolve()
  }, 5)
  expect(queue.running).toBe(1)
  expect(queue.size).toBe(3)
  gate.resolve()
  await done.promise
  expect(order).toEqual(['first', 'urgent', 'normal', 'late'])
})
