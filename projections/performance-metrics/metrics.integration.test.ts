import { randomUUID } from 'node:crypto'
import { checkInflux, type InfluxSettings, rawBucket } from '@weconnect/metrics/connect'
import { openTimeSeries } from '@weconnect/metrics/time-series'
import { metricsContract } from '@weconnect/testing/contracts/metrics'
import { readModelStoreContract } from '@weconnect/testing/contracts/read-model-store'
import { missingEngines, testEngine } from '@weconnect/testing/engines'
import { completed, ended, idOf, requested } from '@weconnect/testing/execution-events'
import { openJournalFixture } from '@weconnect/testing/journal-fixture'
import { openReadModels, openStoreModel } from '@weconnect/testing/read-models'
import { expect, test, vi } from 'vitest'
import { influxMetrics } from './influx-queries.ts'
import { currentGeneration, influxMetricsStore } from './influx-store.ts'
import { performanceMetricsList } from './projection.ts'
import { postgresMetrics } from './queries.ts'

const skip = await missingEngines('influx')

const settingsOf = async (): Promise<InfluxSettings> => {
  const { INFLUX_URL: url = '', INFLUX_TOKEN: token = '', INFLUX_ORG: organisation = '' } = (await testEngine('influx')).variables
  return { url, token, organisation, bucket: `test_${randomUUID().slice(0, 8)}`, retentionDays: 30 }
}
const storeOf = (settings: InfluxSettings, version?: number) =>
  influxMetricsStore({ ...settings, series: openTimeSeries(settings), rawBucket: rawBucket(settings), newId: randomUUID, version })

/** Every value that readers can see: of the current generation, without its name. */
const contentOf = async (settings: InfluxSettings): Promise<readonly string[]> => {
  const series = openTimeSeries(settings)
  const generation = (await currentGeneration(series, settings.bucket)) ?? ''
  const rows: Record<string, unknown>[] = []
  for (const bucket of [settings.bucket, rawBucket(settings)])
    rows.push(
      ...(await series.query<Record<string, unknown>>(
        `from(bucket: "${bucket}") |> range(start: 2000-01-01T00:00:00Z, stop: 2100-01-01T00:00:00Z) |> filter(fn: (r) => r.generation == "${generation}")`,
      )),
    )
  return rows.map(({ generation: _, table: __, _start, _stop, ...row }) => JSON.stringify(Object.entries(row).sort())).sort()
}

metricsContract('PostgreSQL', async () => {
  const models = await openReadModels([performanceMetricsList])
  return { ...models, metrics: postgresMetrics(models.sql) }
})

metricsContract(
  'InfluxDB 1.8',
  async () => {
    const settings = await settingsOf()
    return { ...openStoreModel(storeOf(settings)), metrics: influxMetrics(openTimeSeries(settings), settings.bucket) }
  },
  skip,
)

readModelStoreContract(
  'InfluxDB 1.8',
  async () => {
    let settings = await settingsOf()
    return {
      store: (version) => storeOf(settings, version),
      content: () => contentOf(settings),
      empty: async () => {
        settings = await settingsOf()
      },
      close: async () => undefined,
    }
  },
  { skip },
)

const quiet = { token: 'none', organisation: 'weconnect', bucket: 'weconnect', retentionDays: 30 }

test.each([
  ['no address', 'influx:8086', 'CONFIG_INVALID', /INFLUX_URL must be/],
  ['nobody there', 'http://127.0.0.1:1', 'UNAVAILABLE', /INFLUX_URL=http:\/\/127.0.0.1:1: no InfluxDB answers .*unset INFLUX_URL/],
])('a check says which variable is wrong and what to do: %s', async (_, url, code, message) => {
  await expect(checkInflux({ ...quiet, url })).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

test.skipIf(skip)('runs that are older than single runs are kept count all the same, in a rebuild', async () => {
  const settings = { ...(await settingsOf()), retentionDays: 1 }
  const log = openJournalFixture({ now: () => '2020-02-03T04:05:06.789Z' })
  const model = openStoreModel(storeOf(settings), log)
  for (const n of [1, 2]) await model.write(`execution-${idOf(n)}`, [requested(n, 7), completed(0, [[]]), ended(0)])
  const metrics = influxMetrics(openTimeSeries(settings), settings.bucket)
  const query = {
    ...{ organisationId: model.organisationId, entityType: 'workflow' as const, metric: 'count' as const },
    ...{ from: '2020-02-03T00:00:00Z', to: '2020-02-04T00:00:00Z' },
  }
  const expected = [{ timestamp: '2020-02-03T04:05:00.000Z', value: 2 }]
  await vi.waitFor(async () => expect(await metrics.series(query)).toEqual(expected), 60_000)
  await model.runner.rebuild('performance-metrics')
  expect(await metrics.series(query)).toEqual(expected)
  await model.close()
})

test.skipIf(skip)('what is begun anew is all that is left of a rebuild', async () => {
  const settings = await settingsOf()
  const model = openStoreModel(storeOf(settings))
  await model.write(`execution-${idOf(1)}`, [requested(1), completed(0, [[]]), ended(0)])
  const before = await contentOf(settings)
  expect(before.length).toBeGreaterThan(10)
  for (let again = 0; again < 2; again += 1) await model.runner.rebuild('performance-metrics')
  expect(await contentOf(settings)).toEqual(before)
  const series = openTimeSeries(settings)
  const rows = await series.query<{ generation: string }>(
    `from(bucket: "${rawBucket(settings)}") |> range(start: 2000-01-01T00:00:00Z) |> filter(fn: (r) => r._field == "runs") |> group(columns: ["generation"]) |> first()`,
  )
  expect(rows.map(({ generation }) => generation)).toEqual([await currentGeneration(series, settings.bucket)])
  await model.close()
})
