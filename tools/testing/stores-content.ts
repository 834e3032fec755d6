import { openTimeSeries } from '@weconnect/metrics/time-series'
import { openDocuments } from '@weconnect/mongo/documents'
import type { MeiliSettings } from '@weconnect/search/connect'
import { openSearchIndexes } from '@weconnect/search/indexes'

/** All that readers can see of the read models in MongoDB, MeiliSearch and InfluxDB, in a fixed order. */
export interface ContentOfStores {
  readonly runLogs: readonly unknown[]
  readonly search: readonly string[]
  /** Minutes and single runs of the generation that is read. */
  readonly points: readonly string[]
}

/** @param variables that name MongoDB and InfluxDB */
export const contentOfStores = async (
  variables: Readonly<Record<string, string>>,
  { url, apiKey }: MeiliSettings,
): Promise<ContentOfStores> => ({
  runLogs: await runLogsIn(variables['MONGODB_URL'] ?? ''),
  search: (await openSearchIndexes({ url, apiKey }).list('weconnect_search', 'kind EXISTS'))
    .map((document) => JSON.stringify(document))
    .sort(),
  points: await points(variables),
})

/** Documents of the run logs. */
export const runLogsIn = async (url: string): Promise<readonly unknown[]> => {
  const documents = openDocuments(url)
  try {
    return await documents.find('run_logs', { _id: { $ne: 'checkpoint' } }, { sort: { _id: 1 } })
  } finally {
    await documents.close()
  }
}

const points = async ({
  INFLUX_URL: url = '',
  INFLUX_BUCKET: bucket = '',
}: Readonly<Record<string, string>>): Promise<readonly string[]> => {
  const series = openTimeSeries({ url, bucket, token: '', organisation: 'weconnect', retentionDays: 30 })
  const range = 'range(start: 2000-01-01T00:00:00Z, stop: 2100-01-01T00:00:00Z)'
  const current = `from(bucket: "${bucket}") |> range(start: 1970-01-01T00:00:00Z, stop: 1970-01-02T00:00:00Z)`
  const [named] = await series.query<{ _value: string }>(`${current} |> filter(fn: (r) => r._measurement == "weconnect_current")`)
  const found: string[] = []
  for (const one of [bucket, `${bucket}_raw`]) {
    const rows = await series.query<Record<string, unknown>>(
      `from(bucket: "${one}") |> ${range} |> filter(fn: (r) => r.generation == "${named?._value}")`,
    )
    for (const { table: _, generation: __, ...row } of rows) found.push(JSON.stringify(Object.entries(row).sort()))
  }
  return found.sort()
}
