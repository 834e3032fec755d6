import { WeConnectError } from '@weconnect/contracts/errors'

/** Where InfluxDB is, as the environment says it. */
export interface InfluxSettings {
  readonly url: string
  readonly token: string
  readonly organisation: string
  /** Of the minutes, kept for ever; the points of single runs are in the bucket of this name with `_raw` behind it. */
  readonly bucket: string
  /** Days that points of single runs are kept. */
  readonly retentionDays: number
}

export const limitMs = 10_000
const checkLimitMs = 5_000

export const rawBucket = ({ bucket }: Pick<InfluxSettings, 'bucket'>): string => `${bucket}_raw`

/** A request to the server's HTTP interface. @throws when nobody answers */
export const request = (
  { url, token }: Pick<InfluxSettings, 'url' | 'token'>,
  path: string,
  init: RequestInit = {},
  limit = limitMs,
): Promise<Response> =>
  fetch(`${url.replace(/\/$/, '')}${path}`, {
    ...init,
    headers: { authorization: `Token ${token}`, 'content-type': 'application/json', ...init.headers },
    signal: AbortSignal.timeout(limit),
  })

/**
 * Asks once, before anything is written: whether it answers, is InfluxDB, and takes the token.
 * @throws WeConnectError CONFIG_INVALID or UNAVAILABLE, naming the variable, what failed and what to do
 */
export const checkInflux = async (settings: InfluxSettings): Promise<void> => {
  const { url, organisation } = settings
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new WeConnectError('CONFIG_INVALID', `INFLUX_URL must be the http:// or https:// address of an InfluxDB, not "${url}"`)
  const failed = (variable: string, what: string, cause?: unknown): WeConnectError =>
    new WeConnectError(
      'UNAVAILABLE',
      `${variable}: ${what}. Start InfluxDB, correct the variable, or unset INFLUX_URL: then PostgreSQL keeps the metrics.`,
      { cause },
    )
  const ping = await request(settings, '/ping', {}, checkLimitMs).catch((cause: unknown) => {
    throw failed(`INFLUX_URL=${url}`, `no InfluxDB answers (${messageOf(cause)})`, cause)
  })
  if (!ping.ok || ping.headers.get('x-influxdb-version') === null)
    throw failed(`INFLUX_URL=${url}`, `what answers (status ${ping.status}) is no InfluxDB`)
  const asked = await request(settings, `/api/v2/query?org=${encodeURIComponent(organisation)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.flux', accept: 'application/csv' },
    body: 'buckets()',
  }).catch((cause: unknown) => {
    throw failed(`INFLUX_URL=${url}`, `it does not answer a query (${messageOf(cause)})`, cause)
  })
  if (asked.ok) return void (await asked.arrayBuffer())
  const variable = asked.status === 401 || asked.status === 403 ? 'INFLUX_TOKEN' : `INFLUX_ORG=${organisation}`
  throw failed(variable, `the InfluxDB at ${url} refuses a query with it (status ${asked.status}: ${(await asked.text()).slice(0, 200)})`)
}

export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const cause: unknown = error.cause
  return cause instanceof Error && !error.message.includes(cause.message) ? `${error.message}: ${cause.message}` : error.message
}
