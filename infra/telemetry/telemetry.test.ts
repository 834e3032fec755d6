import { WeConnectError } from '@weconnect/contracts/errors'
import { describe, expect, test } from 'vitest'
import { openTelemetry } from './telemetry.ts'

const open = (level = 'info') => {
  const lines: Record<string, unknown>[] = []
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) }
  return { lines, telemetry: openTelemetry({ level, service: 'gateway', destination }) }
}

describe('log lines', () => {
  test('have the names of the Elastic Common Schema', () => {
    const { lines, telemetry } = open()
    telemetry.log.warn({ executionId: 'e1' }, 'slow')
    telemetry.log.debug('not at this level')
    expect(lines).toEqual([
      expect.objectContaining({
        'log.level': 'warn',
        'service.name': 'gateway',
        message: 'slow',
        executionId: 'e1',
        'process.pid': process.pid,
      }),
    ])
    expect(lines[0]?.['@timestamp']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/)
  })
  test('tell an error by type, code, message and stack', () => {
    const { lines, telemetry } = open()
    telemetry.log.error({ err: new WeConnectError('NOT_FOUND', 'no such workflow') }, 'failed')
    telemetry.log.error(new TypeError('bare'))
    expect(lines[0]).toMatchObject({ 'error.type': 'WeConnectError', 'error.code': 'NOT_FOUND', 'error.message': 'no such workflow' })
    expect(lines[0]?.['error.stack_trace']).toContain('telemetry.test.ts')
    expect(lines[1]).toMatchObject({ 'error.type': 'TypeError', 'error.message': 'bare' })
  })
  test('tell a request without its query', () => {
    const { lines, telemetry } = open()
    telemetry.log.info({ req: { method: 'GET', url: '/a?token=secret', ip: '::1' } }, 'in')
    telemetry.log.info({ res: { statusCode: 201 }, responseTime: 1.5 }, 'out')
    expect(lines[0]).toMatchObject({ 'http.request.method': 'GET', 'url.path': '/a', 'client.ip': '::1' })
    expect(lines[1]).toMatchObject({ 'http.response.status_code': 201, 'event.duration': 1_500_000 })
  })
  test('hide secrets by their names', () => {
    const { lines, telemetry } = open()
    telemetry.log.info({
      password: 'hush',
      request: { headers: { authorization: 'hush', 'set-cookie': 'hush', accept: 'a/b' } },
      user: { token: 'hush' },
    })
    expect(JSON.stringify(lines)).not.toContain('hush')
    expect(lines[0]).toMatchObject({ request: { headers: { accept: 'a/b', authorization: '[redacted]' } } })
  })
})

describe('metrics', () => {
  const expositionOf = async (telemetry: ReturnType<typeof open>['telemetry']) => (await telemetry.exposition()).text

  test('of the process, of requests and our own', async () => {
    const { telemetry } = open()
    telemetry.request({ method: 'GET', route: '/health', status: 200 }, 0.002)
    const appends = telemetry.counter('weconnect_appends_total', 'Appends', ['family'])
    appends({ family: 'workflow' })
    appends({ family: 'workflow' }, 2)
    telemetry.histogram('weconnect_batch_events', 'Events per batch', [], [1, 10])({}, 5)
    const text = await expositionOf(telemetry)
    expect(text).toContain('process_cpu_seconds_total')
    expect(text).toContain('weconnect_http_request_duration_seconds_bucket{le="0.0025",method="GET",route="/health",status="200"} 1')
    expect(text).toContain('weconnect_appends_total{family="workflow"} 3')
    expect(text).toContain('weconnect_batch_events_bucket{le="10"} 1')
  })
  test('a gauge holds what was set last, and nothing else', async () => {
    const { telemetry } = open()
    telemetry.gauge('weconnect_lag', 'Lag', [])
    telemetry.gauge('weconnect_lag', 'Lag', [
      { labels: { projection: 'a' }, value: 1 },
      { labels: { projection: 'b' }, value: 2 },
    ])
    telemetry.gauge('weconnect_lag', 'Lag', [{ labels: { projection: 'b' }, value: 3 }])
    const lines = (await expositionOf(telemetry)).split('\n').filter((line) => line.startsWith('weconnect_lag'))
    expect(lines).toEqual(['weconnect_lag{projection="b"} 3'])
  })
  test('two processes in one do not share metrics', async () => {
    const [one, two] = [open().telemetry, open().telemetry]
    one.counter('weconnect_x_total', 'X', [])({})
    expect(await expositionOf(two)).not.toContain('weconnect_x_total')
  })
})
