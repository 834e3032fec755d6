import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger } from 'pino'

export interface LogOptions {
  /** trace, debug, info, warn, error, fatal or silent. */
  readonly level: string
  /** service.name of every line. */
  readonly service: string
  /** Where lines go; standard output unless given. */
  readonly destination?: DestinationStream
}

const secretKeys = [
  'authorization',
  'cookie',
  '["set-cookie"]',
  '["x-api-key"]',
  'password',
  'passwordHash',
  'token',
  'accessToken',
  'refreshToken',
  'apiKey',
  'secret',
  'clientSecret',
  'privateKey',
]
const member = (path: string, key: string): string => (key.startsWith('[') ? `${path}${key}` : path === '' ? key : `${path}.${key}`)
/** A secret is hidden by its name, down to three levels. */
const secretPaths = ['', '*', '*.*'].flatMap((path) => secretKeys.map((key) => member(path, key)))

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

const errorFields = (error: unknown): Record<string, unknown> => {
  if (!(error instanceof Error)) return error === undefined ? {} : { 'error.message': String(error) }
  const code = 'code' in error ? { 'error.code': error.code } : {}
  return { 'error.type': error.name, 'error.message': error.message, ...code, 'error.stack_trace': error.stack }
}

/** A query may hold a token: the path only. */
const requestFields = (request: unknown): Record<string, unknown> =>
  isObject(request)
    ? { 'http.request.method': request['method'], 'url.path': String(request['url'] ?? '').split('?')[0], 'client.ip': request['ip'] }
    : {}

const responseFields = (response: unknown): Record<string, unknown> =>
  isObject(response) ? { 'http.response.status_code': response['statusCode'] } : {}

/** The fields of a line under the names of the Elastic Common Schema. */
const named = ({ err, error, req, res, responseTime, ...others }: Record<string, unknown>): Record<string, unknown> => ({
  ...others,
  ...errorFields(err ?? error),
  ...requestFields(req),
  ...responseFields(res),
  // Nanoseconds.
  ...(typeof responseTime === 'number' ? { 'event.duration': Math.round(responseTime * 1e6) } : {}),
})

/** Lines of JSON, one per event. */
export const openLog = ({ level, service, destination }: LogOptions): Logger =>
  pino(
    {
      level,
      messageKey: 'message',
      base: { 'ecs.version': '8.11.0', 'service.name': service, 'process.pid': process.pid },
      timestamp: () => `,"@timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ 'log.level': label }), log: named },
      redact: { paths: secretPaths, censor: '[redacted]' },
    },
    destination ?? pino.destination({ fd: 1, sync: false }),
  )
