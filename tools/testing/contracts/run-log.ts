import type { DomainEvent } from '@weconnect/contracts/envelope'
import type { RunLogs } from '@weconnect/projections/run-logs/face'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { completed, ended, idOf, requested, executionStarted as started, stepOf } from '../execution-events.ts'
import type { ReadModels } from '../read-models.ts'

export interface OpenedRunLogs extends Pick<ReadModels, 'write' | 'organisationId' | 'close'> {
  readonly runLogs: RunLogs
}

/** What is asked of run logs, whichever store keeps them. */
export const runLogContract = (name: string, open: () => Promise<OpenedRunLogs>, skip = false): void => {
  describe.skipIf(skip)(`run logs in ${name}`, () => {
    let opened: OpenedRunLogs
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened?.close())

    const write = (n: number, ...events: DomainEvent[]) => opened.write(`execution-${idOf(n)}`, events)
    const entries = (n: number, more: { fromRevision?: number; limit?: number; organisationId?: string } = {}) =>
      opened.runLogs.entries({ organisationId: opened.organisationId, executionId: idOf(n), ...more })
    const page = (
      n: number,
      { filter = {}, ...more }: { filter?: object; first?: number; after?: string; last?: number; before?: string } = {},
    ) => opened.runLogs.steps({ organisationId: opened.organisationId, filter: { executionId: idOf(n), ...filter }, ...more })
    const steps = async (n: number) => (await page(n, { first: 200 })).rows

    test('an execution in one append', async () => {
      await write(1, requested(1), started, completed(0, [[{ json: { z: 1, a: 2 } }]]), completed(1, [[0]]), ended(1))
      const [first, second] = await steps(1)
      expect({ ...first, cursor: '', finishedAt: '' }).toEqual({
        cursor: '',
        id: `${idOf(1)}:0`,
        executionId: idOf(1),
        step: 0,
        nodeId: 'n0',
        nodeName: 'Node 0',
        nodeType: 't',
        runIndex: 0,
        status: 'completed',
        inputData: [{ input: 0, step: -1, output: 0 }],
        outputData: [[{ json: { z: 1, a: 2 } }]],
        outputCounts: [1],
        errorData: null,
        errorCode: null,
        retryCount: 0,
        cacheHit: false,
        performanceMetrics: null,
        startedAt: '2026-01-02T03:04:05.678Z',
        finishedAt: '',
        durationMs: 1.25,
      })
      expect(first?.finishedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      expect(JSON.stringify(first?.outputData)).toBe('[[{"json":{"z":1,"a":2}}]]')
      expect(second).toMatchObject({ step: 1, outputData: [[0]] })
    })

    test('every state of the steps of an execution, seen on its way', async () => {
      const states: unknown[] = []
      const events: readonly DomainEvent[] = [
        requested(2),
        started,
        { type: 'StepStarted', data: stepOf(0) },
        { type: 'StepFailed', data: { ...stepOf(0), durationMs: 1, code: 'NODE_FAILED', error: { message: 'no' }, final: false } },
        { type: 'StepRetryScheduled', data: { step: 0, attempt: 2, dueAt: '2026-01-02T03:04:06.000Z' } },
        { type: 'StepStarted', data: stepOf(0, 2) },
        completed(0, [[]], 2),
        { type: 'StepStarted', data: stepOf(1) },
        { type: 'ExecutionPaused', data: { step: 1, waitFor: 'time' } },
        { type: 'ExecutionResumed', data: { step: 1 } },
        { type: 'StepFailed', data: { ...stepOf(1), durationMs: 1, code: 'NODE_FAILED', error: { message: 'never' }, final: true } },
        { type: 'ExecutionFailed', data: { step: 1, code: 'NODE_FAILED', error: { message: '100% broken' }, steps: 2, durationMs: 3 } },
      ]
      for (const event of events) {
        await write(2, event)
        states.push((await steps(2)).map(({ status, retryCount }) => `${status} ${retryCount}`))
      }
      expect(states).toEqual([
        [],
        [],
        ['running 0'],
        ['retrying 0'],
        ['retrying 1'],
        ['running 1'],
        ['completed 1'],
        ['completed 1', 'running 0'],
        ['completed 1', 'waiting 0'],
        ['completed 1', 'running 0'],
        ['completed 1', 'failed 0'],
        ['completed 1', 'failed 0'],
      ])
      expect((await steps(2))[1]).toMatchObject({ errorCode: 'NODE_FAILED', errorData: { message: 'never' } })
    })

    test('an entry per event, also of a long execution, and its steps in pages', async () => {
      await write(4, requested(4), started, ...Array.from({ length: 150 }, (_, n) => completed(n, [[n]])))
      await write(4, ...Array.from({ length: 149 }, (_, n) => completed(150 + n, [[n]])), ended(298))
      const all = await entries(4)
      expect(all.entries.map(({ revision }) => revision)).toEqual(Array.from({ length: 302 }, (_, n) => n))
      expect(all.entries[0]).toMatchObject({ event: 'ExecutionRequested', trigger: 'webhook', inputs: [[{ json: { n: 4 } }]] })
      expect(all.entries[2]).toMatchObject({
        event: 'StepCompleted',
        step: 0,
        nodeName: 'Node 0',
        outputs: [[0]],
        logs: [{ level: 'info', message: 'hi' }],
      })
      expect(await entries(4, { limit: 1 })).toMatchObject({ hasMore: true, entries: { length: 200 } })
      expect(await entries(4, { fromRevision: 250 })).toMatchObject({ hasMore: false, entries: { length: 52 } })
      const first = await page(4, { first: 2 })
      const second = await page(4, { first: 2, after: first.endCursor ?? '' })
      expect([...first.rows, ...second.rows].map(({ step }) => step)).toEqual([0, 1, 2, 3])
      expect([first.hasNextPage, first.hasPreviousPage, second.hasPreviousPage]).toEqual([true, false, true])
      expect((await page(4, { last: 2, before: second.startCursor ?? '' })).rows.map(({ step }) => step)).toEqual([0, 1])
      expect(await first.totalCount()).toBe(299)
      expect((await page(4, { filter: { nodeId: 'n7', status: ['completed'] } })).rows).toMatchObject([{ step: 7 }])
      expect((await page(4, { filter: { nodeId: 'n7', status: ['failed'] } })).rows).toEqual([])
      await expect(page(4, { after: 'nonsense' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
      await expect(page(4, { first: 201 })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    })

    test('a large output is referred to, not copied', async () => {
      await write(5, requested(5), started, completed(0, [[{ json: { text: 'x'.repeat(30_000) } }]]), ended(0))
      const reference = { $ref: { stream: `execution-${idOf(5)}`, revision: 2, field: 'outputs' }, bytes: 30_024 }
      expect((await steps(5))[0]?.outputData).toEqual(reference)
    })

    test('payloads come back as they were, whatever their names and however deep', async () => {
      const nested = JSON.parse(`${'{"a":'.repeat(150)}1${'}'.repeat(150)}`) as unknown
      const awkward = { $where: 1, 'a.b': { '': 0 }, __proto__x: null, big: 1e308, nested, list: [[], {}, '"\\'] }
      await write(6, requested(6), started, completed(0, [[{ json: awkward }]]), ended(0))
      expect((await steps(6))[0]?.outputData).toEqual([[{ json: awkward }]])
    })

    test('nobody sees what another organisation has, and what is no id is found nowhere', async () => {
      const organisationId = idOf(999)
      expect(await entries(1, { organisationId })).toEqual({ entries: [], hasMore: false })
      expect((await opened.runLogs.steps({ organisationId, filter: { executionId: idOf(1) } })).rows).toEqual([])
      const nobody = { organisationId: opened.organisationId, executionId: 'nonsense' }
      expect(await opened.runLogs.entries(nobody)).toEqual({ entries: [], hasMore: false })
    })
  })
}
