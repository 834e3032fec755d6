import { type JobRun, keptCompleted, keptFailed, mostAttempts, type Queues } from '@weconnect/queue/port'
import { describe, expect, test } from 'vitest'

const patience = { timeout: 60_000, interval: 20 }
const nothing = async (): Promise<void> => undefined

/** Every adapter of the queue port passes it. @param open new queues with nothing in them, closed by the suite */
export const describeQueues = (name: string, open: () => Promise<Queues>): void => {
  describe(name, () => {
    const using = (title: string, check: (queues: Queues) => Promise<void>): void =>
      test(title, async () => {
        const queues = await open()
        try {
          await check(queues)
        } finally {
          await queues.close()
        }
      })
    const keys = (list: readonly string[]) => list.map((key) => ({ key, data: {} }))

    using('a batch is done, each job once, with what it was given', async (queues) => {
      const done: JobRun[] = []
      await queues.add('workflow-execution', [
        { key: 'a', data: { n: 1 } },
        { key: 'b', data: { n: 2 } },
      ])
      expect((await queues.statistics())['workflow-execution']).toMatchObject({ waiting: 2, active: 0 })
      queues.work('workflow-execution', async (run) => void done.push(run))
      await expect
        .poll(() => done.map(({ key, data, attempt }) => ({ key, data, attempt })), patience)
        .toEqual([
          { key: 'a', data: { n: 1 }, attempt: 1 },
          { key: 'b', data: { n: 2 }, attempt: 1 },
        ])
      await expect
        .poll(async () => (await queues.statistics())['workflow-execution'], patience)
        .toMatchObject({
          waiting: 0,
          active: 0,
          completed: 2,
          failed: 0,
        })
    })

    using('lower priorities come first, within one the oldest', async (queues) => {
      const done: string[] = []
      await queues.add('notification', [
        { key: 'retry', data: {}, priority: 10 },
        { key: 'usual', data: {} },
        { key: 'urgent', data: {}, priority: 1 },
        { key: 'usual too', data: {}, priority: 3 },
      ])
      expect((await queues.jobs('notification', 'waiting', 10)).map(({ key }) => key).toSorted()).toEqual([
        'retry',
        'urgent',
        'usual',
        'usual too',
      ])
      queues.work('notification', async ({ key }) => void done.push(key), 1)
      await expect.poll(() => done, patience).toEqual(['urgent', 'usual', 'usual too', 'retry'])
    })

    using('no more at a time than it says', async (queues) => {
      let [now, most, done] = [0, 0, 0]
      await queues.add('analytics', keys(Array.from({ length: 12 }, (_, index) => `${index}`)))
      queues.work(
        'analytics',
        async () => {
          now += 1
          most = Math.max(most, now)
          await new Promise((resolve) => setTimeout(resolve, 5))
          now -= 1
          done += 1
        },
        3,
      )
      await expect.poll(() => done, patience).toBe(12)
      expect(most).toBe(3)
    })

    using('a delayed job does not begin before its time', async (queues) => {
      const added = Date.now()
      const begun: number[] = []
      queues.work('node-execution', async () => void begun.push(Date.now()))
      await queues.add('node-execution', [{ key: 'later', data: {}, delayMs: 300 }])
      expect((await queues.statistics())['node-execution']).toMatchObject({ delayed: 1 })
      await expect.poll(() => begun.length, patience).toBe(1)
      // Timers may strike a little early by another clock.
      expect((begun[0] ?? 0) - added).toBeGreaterThanOrEqual(290)
    })

    using(`a job that fails is tried ${mostAttempts} times, then kept as failed; another one of its key may come`, async (queues) => {
      const attempts: number[] = []
      const handle = async ({ attempt }: JobRun): Promise<void> => {
        attempts.push(attempt)
        throw new Error('the store is away')
      }
      queues.work('node-execution', handle)
      const began = Date.now()
      await queues.add('node-execution', keys(['x']))
      await expect.poll(() => attempts, patience).toEqual([1, 2, 3])
      // 1000 ms before the second, 2000 before the third.
      expect(Date.now() - began).toBeGreaterThanOrEqual(2_900)
      await expect
        .poll(() => queues.jobs('node-execution', 'failed', 10), patience)
        .toMatchObject([{ key: 'x', state: 'failed', attempts: 3, error: 'the store is away' }])
      await queues.add('node-execution', keys(['x']))
      await expect.poll(() => attempts, patience).toEqual([1, 2, 3, 1])
    })

    using('while a job of a key waits, no other is added; one that comes while it is at work is done afterwards, once', async (queues) => {
      const gate = Promise.withResolvers<void>()
      const done: unknown[] = []
      await queues.add('node-execution', [{ key: 'k', data: { n: 1 } }])
      await queues.add('node-execution', [{ key: 'k', data: { n: 2 } }])
      queues.work('node-execution', async ({ data }) => {
        done.push(data['n'])
        await gate.promise
      })
      await expect.poll(() => done, patience).toEqual([1])
      for (const n of [3, 4]) await queues.add('node-execution', [{ key: 'k', data: { n } }])
      expect(done).toEqual([1])
      gate.resolve()
      await expect.poll(() => done, patience).toEqual([1, 4])
      await expect
        .poll(async () => (await queues.statistics())['node-execution'], patience)
        .toMatchObject({ completed: 2, waiting: 0, active: 0 })
    })

    using('progress is seen from outside', async (queues) => {
      const gate = Promise.withResolvers<void>()
      queues.work('workflow-execution', async ({ progress }) => {
        await progress(10)
        await gate.promise
        await progress(100)
      })
      await queues.add('workflow-execution', keys(['p']))
      await expect.poll(() => queues.jobs('workflow-execution', 'active', 5), patience).toMatchObject([{ key: 'p', progress: 10 }])
      gate.resolve()
      await expect.poll(() => queues.jobs('workflow-execution', 'completed', 5), patience).toMatchObject([{ key: 'p', progress: 100 }])
    })

    using(`of those that are done ${keptCompleted} are kept, and all are counted`, async (queues) => {
      queues.work('webhook-processing', nothing)
      await queues.add('webhook-processing', keys(Array.from({ length: keptCompleted + 20 }, (_, index) => `${index}`)))
      await expect.poll(async () => (await queues.statistics())['webhook-processing'].completed, patience).toBe(keptCompleted + 20)
      expect(await queues.jobs('webhook-processing', 'completed', keptFailed)).toHaveLength(keptCompleted)
    })

    using('a job that repeats comes again and again, however often it was asked for', async (queues) => {
      let done = 0
      queues.work('analytics', async () => {
        done += 1
      })
      for (let asked = 0; asked < 3; asked += 1) await queues.repeat('analytics', { key: 'sample', data: {} }, 200)
      await expect.poll(() => done, patience).toBeGreaterThanOrEqual(3)
      expect((await queues.statistics()).analytics.waiting).toBeLessThanOrEqual(1)
    })

    using('closed, it waits for what is at work', async (queues) => {
      const gate = Promise.withResolvers<void>()
      let [begun, ended] = [false, false]
      queues.work('notification', async () => {
        begun = true
        await gate.promise
        ended = true
      })
      await queues.add('notification', keys(['n']))
      await expect.poll(() => begun, patience).toBe(true)
      const closed = queues.close()
      gate.resolve()
      await closed
      expect(ended).toBe(true)
    })
  })
}
