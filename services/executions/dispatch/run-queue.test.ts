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

test('a run that waits for another lends its place, so that they do not wait for each other for ever', async () => {
  const queue = new RunQueue(1)
  const seen: number[] = []
  const child = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const parent = async (): Promise<void> => {
    queue.add(async () => {
      seen.push(queue.running)
      child.resolve()
    })
    await Promise.all([queue.lend('parent', () => child.promise), queue.lend('parent', () => child.promise)])
    done.resolve()
  }
  queue.add(parent, { id: 'parent' })
  await done.promise
  expect(await queue.lend('nobody', async () => 'as it is')).toBe('as it is')
  queue.add(async () => void seen.push(queue.running))
  await expect.poll(() => [queue.running, queue.size]).toEqual([0, 0])
  expect(seen).toEqual([1, 1])
})

test('a run that ends while its place is lent has none to give back', async () => {
  const queue = new RunQueue(1)
  const never = Promise.withResolvers<void>()
  const lent: Promise<void>[] = []
  queue.add(async () => void lent.push(queue.lend('parent', () => never.promise)), { id: 'parent' })
  await expect.poll(() => [lent.length, queue.running]).toEqual([1, 0])
  never.resolve()
  await Promise.all(lent)
  expect(queue.running).toBe(0)
})
