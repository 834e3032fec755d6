import { HttpError, InfluxDB, Point as InfluxPoint, setLogger } from '@influxdata/influxdb-client'
import { WeConnectError } from '@weconnect/contracts/errors'
import { type InfluxSettings, limitMs, messageOf, request } from './connect.ts'
import type { Point, TimeSeries } from './port.ts'

// What goes wrong arrives as an error; the client would tell it a second time, by itself, on the console.
setLogger({ error: () => undefined, warn: () => undefined })

const daySeconds = 24 * 3_600
const linesPerRequest = 5_000

/** Points in the InfluxDB that the settings name: version 2, or 1.8, which has the interfaces for writing and querying of version 2. */
export const openTimeSeries = (settings: InfluxSettings): TimeSeries => {
  const client = new InfluxDB({ url: settings.url, token: settings.token, timeout: limitMs })
  const queries = client.getQueryApi(settings.organisation)
  return {
    ensureBucket: (bucket, retentionDays) => calling(() => ensureBucket(settings, bucket, retentionDays)),
    write: async (bucket, points) => {
      let stored = true
      for (let at = 0; at < points.length; at += linesPerRequest)
        stored = (await calling(() => send(client, settings, bucket, points.slice(at, at + linesPerRequest)))) && stored
      return stored
    },
    query: (flux) => calling(() => queries.collectRows(flux)) as never,
    remove: (bucket, tag, value) => calling(() => remove(settings, bucket, tag, value)),
  }
}

/** One request each, without the client's own retries: who calls knows when to try again. */
const send = async (client: InfluxDB, { organisation }: InfluxSettings, bucket: string, points: readonly Point[]): Promise<boolean> => {
  const writer = client.getWriteApi(organisation, bucket, 'ns', {
    batchSize: points.length + 1,
    flushInterval: 0,
    maxRetries: 0,
    maxBufferLines: points.length + 1,
  })
  writer.writePoints(points.map(lineOf))
  try {
    await writer.close()
    return true
  } catch (error) {
    if (error instanceof HttpError && /beyond retention|outside retention/i.test(`${error.message} ${error.body ?? ''}`)) return false
    throw error
  }
}

const lineOf = ({ measurement, tags, fields, time }: Point): InfluxPoint => {
  const point = new InfluxPoint(measurement).timestamp(String(time))
  for (const [name, value] of Object.entries(tags)) point.tag(name, value)
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') point.stringField(name, value)
    else point.floatField(name, value)
  }
  return point
}

interface Bucket {
  readonly id: string
  readonly name: string
  readonly retentionRules: readonly { readonly everySeconds: number }[]
}

const ensureBucket = async (settings: InfluxSettings, bucket: string, retentionDays: number | undefined): Promise<void> => {
  const found = await request(
    settings,
    `/api/v2/buckets?name=${encodeURIComponent(bucket)}&org=${encodeURIComponent(settings.organisation)}`,
  )
  // Version 1.8 has no such thing: there, a bucket is a database.
  if (found.status === 404 && !(found.headers.get('content-type') ?? '').includes('json'))
    return ensureDatabase(settings, bucket, retentionDays)
  const retentionRules = retentionDays === undefined ? [] : [{ type: 'expire', everySeconds: retentionDays * daySeconds }]
  const [old] = found.status === 404 ? [] : ((await accepted(found)) as { buckets: readonly Bucket[] }).buckets
  if (old === undefined) {
    const orgID = await organisationId(settings)
    await accepted(
      await request(settings, '/api/v2/buckets', { method: 'POST', body: JSON.stringify({ orgID, name: bucket, retentionRules }) }),
    )
  } else if (retentionDays !== undefined && old.retentionRules[0]?.everySeconds !== retentionDays * daySeconds)
    await accepted(await request(settings, `/api/v2/buckets/${old.id}`, { method: 'PATCH', body: JSON.stringify({ retentionRules }) }))
}

const organisationId = async (settings: InfluxSettings): Promise<string> => {
  const { orgs } = (await accepted(await request(settings, `/api/v2/orgs?org=${encodeURIComponent(settings.organisation)}`))) as {
    orgs: readonly { id: string }[]
  }
  const [found] = orgs
  if (found === undefined) throw new Error(`there is no organisation ${settings.organisation}`)
  return found.id
}

const ensureDatabase = async (settings: InfluxSettings, bucket: string, retentionDays: number | undefined): Promise<void> => {
  const name = identifier(bucket)
  await statement(settings, `CREATE DATABASE ${name}`)
  if (retentionDays !== undefined)
    await statement(settings, `ALTER RETENTION POLICY "autogen" ON ${name} DURATION ${retentionDays}d SHARD DURATION 1d`)
}

const remove = async (settings: InfluxSettings, bucket: string, tag: string, value: string): Promise<void> => {
  const place = `bucket=${encodeURIComponent(bucket)}&org=${encodeURIComponent(settings.organisation)}`
  const predicate = `${tag}="${value}"`
  const body = JSON.stringify({ start: '1970-01-01T00:00:00Z', stop: '2200-01-01T00:00:00Z', predicate })
  const answer = await request(settings, `/api/v2/delete?${place}`, { method: 'POST', body })
  if (answer.status !== 404) return void (await accepted(answer))
  await statement(settings, `DROP SERIES WHERE ${identifier(tag)} = '${value.replaceAll("'", "\\'")}'`, bucket)
}

/** InfluxQL, for what version 1.8 has no other way to say. */
const statement = async (settings: InfluxSettings, text: string, database?: string): Promise<void> => {
  const body = new URLSearchParams({ q: text, ...(database !== undefined && { db: database }) })
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const { results } = (await accepted(await request(settings, '/query', { method: 'POST', headers, body: body.toString() }))) as {
    results: readonly { error?: string }[]
  }
  const error = results.find((result) => result.error !== undefined)?.error
  if (error !== undefined) throw new Error(error)
}

const identifier = (name: string): string => `"${name.replaceAll(/[\\"]/g, '\\$&')}"`

const accepted = async (answer: Response): Promise<unknown> => {
  const text = await answer.text()
  if (!answer.ok) throw new Error(`status ${answer.status}: ${text.slice(0, 300)}`)
  return text === '' ? undefined : JSON.parse(text)
}

const calling = async <Result>(call: () => Promise<Result>): Promise<Result> => {
  try {
    return await call()
  } catch (cause) {
    const refused = cause instanceof HttpError && [400, 413, 422].includes(cause.statusCode)
    throw new WeConnectError(refused ? 'INVALID_INPUT' : 'UNAVAILABLE', `InfluxDB: ${messageOf(cause)}`, { cause })
  }
}
