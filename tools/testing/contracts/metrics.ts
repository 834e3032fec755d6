import type { DomainEvent } from '@weconnect/contracts/envelope'
import type { MetricEntity, MetricName, Metrics } from '@weconnect/projections/performance-metrics/face'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { completed, ended, executionStarted, idOf, requested, stepOf } from '../execution-events.ts'
import type { ReadModels } from '../read-models.ts'

export interface OpenedMetrics extends Pick<ReadModels, 'write' | 'organisationId' | 'close'> {
  readonly metrics: Metrics
}

const workflow = 100
const failedStep: DomainEvent = {
  type: 'StepFailed',
  data: { ...stepOf(1), durationMs: 2.5, code: 'NODE_FAILED', error: {}, final: true },
}
const failed: DomainEvent = { type: 'ExecutionFailed', data: { code: 'NODE_FAILED', error: {}, steps: 2, durationMs: 4 } }

/** What is asked of the metrics, whichever store keeps them. */
export const metricsContract = (name: string, open: () => Promise<OpenedMetrics>, skip = false): void => {
  describe.skipIf(skip)(`metrics in ${name}`, () => {
    let opened: OpenedMetrics
    const period = () => ({
      organisationId: opened.organisationId,
      from: new Date(Date.now() - 3_600_000).toISOString(),
      to: new Date(Date.now() + 3_600_000).toISOString(),
    })
    beforeAll(async () => {
      opened = await open()
      for (const n of [1, 2])
        await opened.write(`execution-${idOf(n)}`, [requested(n, workflow), executionStarted, completed(0, [[]]), failedStep, failed])
      await opened.write(`execution-${idOf(3)}`, [requested(3, workflow, 'manual'), executionStarted, completed(0, [[]]), ended(0)])
    })
    afterAll(() => opened?.close())

    const total = async (entityType: MetricEntity, metric: MetricName, entityId?: string): Promise<number> =>
      (await opened.metrics.series({ ...period(), entityType, metric, entityId })).reduce((sum, { value }) => sum + value, 0)

    test('runs, milliseconds and failures by workflow, trigger and node', async () => {
      const id = idOf(workflow)
      const of = async (type: MetricEntity, entity?: string) => [
        await total(type, 'count', entity),
        await total(type, 'duration_total', entity),
        await total(type, 'failures', entity),
      ]
      expect(await of('workflow', id)).toEqual([3, 20.5, 2])
      expect(await of('execution', 'webhook')).toEqual([2, 8, 2])
      expect(await of('execution', 'manual')).toEqual([1, 12.5, 0])
      expect(await of('execution')).toEqual([3, 20.5, 2])
      expect(await of('node', `${id}/n0`)).toEqual([3, 3.75, 0])
      expect(await of('node', `${id}/n1`)).toEqual([2, 5, 2])
      expect(await of('node', `${id}/none`)).toEqual([0, 0, 0])
    })

    test('the metrics of one entity, minute by minute', async () => {
      const rows = await opened.metrics.rows({ ...period(), entityType: 'node', entityId: `${idOf(workflow)}/n1` })
      const sum = (metric: MetricName) =>
        rows.filter(({ metricName }) => metricName === metric).reduce((all, { metricValue }) => all + metricValue, 0)
      expect([sum('count'), sum('duration_total'), sum('failures')]).toEqual([2, 5, 2])
      expect(rows[0]).toMatchObject({
        entityType: 'node',
        metricName: 'count',
        metricUnit: 'count',
        tags: { nodeName: 'Node 1', nodeType: 't' },
      })
      expect(rows[0]?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00\.000Z$/)
      expect(rows[0]?.id).toMatch(/^[0-9a-f-]{36}$/)
      expect(rows.map(({ timestamp }) => timestamp)).toEqual(rows.map(({ timestamp }) => timestamp).toSorted())
      const other = { ...period(), entityType: 'workflow' as const, entityId: idOf(workflow) }
      expect((await opened.metrics.rows(other)).map(({ metricName }) => metricName).slice(0, 3)).toEqual([
        'count',
        'duration_total',
        'failures',
      ])
    })

    test('only the period, and only the organisation', async () => {
      const ours = { ...period(), entityType: 'workflow' as const, metric: 'count' as const }
      expect(await opened.metrics.series({ ...ours, to: ours.from })).toEqual([])
      expect(await opened.metrics.series({ ...ours, from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' })).toEqual([])
      expect(await opened.metrics.series({ ...ours, organisationId: idOf(999) })).toEqual([])
      expect(await opened.metrics.rows({ ...ours, organisationId: idOf(999), entityId: idOf(workflow) })).toEqual([])
      const odd = { ...ours, entityId: `a"b\\ \${x}\n` }
      expect(await opened.metrics.series(odd)).toEqual([])
    })
  })
}
