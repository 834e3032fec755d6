import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { startBare } from './bare.ts'
import { runLoad } from './load.ts'

let close: () => void = () => {}
afterEach(() => close())

const serve = async (answer: (count: number) => { status: number; body: string }): Promise<{ port: number; served: () => number }> => {
  let count = 0
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      count += 1
      const { status, body } = answer(count)
      response.writeHead(status).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  close = () => server.close()
  return { port: (server.address() as AddressInfo).port, served: () => count }
}
const load = { path: '/', body: '{}', connections: 4, warmUpSeconds: 0, seconds: 0.3 }

test('counts what the server served', async () => {
  const { port, served } = await serve(() => ({ status: 200, body: 'x'.repeat(100_000) }))
  const result = await runLoad({ ...load, port })
  expect(result.failures).toBe(0)
  expect(result.requests).toBeGreaterThan(0)
  expect(result.requests).toBeLessThanOrEqual(served())
  expect(result.requests).toBeGreaterThanOrEqual(served() - load.connections)
  expect(result.p99Ms).toBeGreaterThanOrEqual(result.p50Ms)
})

test('refuses figures of a server that fails', async () => {
  const { port } = await serve((count) => ({ status: count % 10 === 0 ? 500 : 200, body: '' }))
  await expect(runLoad({ ...load, port })).rejects.toThrow('failed')
})

test('the bare handler answers and stops', async () => {
  const bare = await startBare()
  const result = await runLoad({ ...load, port: bare.port, path: '/webhook/bare' })
  await bare.stop()
  expect(result.requests).toBeGreaterThan(0)
  await expect(fetch(`http://127.0.0.1:${bare.port}/webhook/bare`, { method: 'POST' })).rejects.toThrow()
})
