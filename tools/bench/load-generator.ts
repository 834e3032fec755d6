/**
 * The load, in a process of its own: every connection sends one request, waits for the whole answer, and sends the next.
 * Started by load.ts, talks over IPC.
 */
import { connect, type Socket } from 'node:net'
import { isSuccess, isWhole, requestBytes } from './http-socket.ts'
import type { Load, LoadResult } from './load.ts'
import { percentile } from './statistics.ts'

interface Count {
  readonly latencies: number[]
  failures: number
}

/** Runs one connection until the deadline; a connection that breaks is counted and opened again. */
const drive = (load: Load, from: number, until: number, count: Count): Promise<void> =>
  new Promise((resolve) => {
    const request = requestBytes(load)
    const open = (): void => {
      const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true })
      converse(socket, request, { from, until, count })
      socket.once('error', () => {
        if (performance.now() < until) count.failures += 1
      })
      socket.once('close', () => (performance.now() < until ? setTimeout(open, 10) : resolve()))
    }
    open()
  })

const converse = (socket: Socket, request: Buffer, { from, until, count }: { from: number; until: number; count: Count }): void => {
  let answer = ''
  let sentAt = 0
  const send = (): void => {
    answer = ''
    sentAt = performance.now()
    socket.write(request)
  }
  socket.setEncoding('latin1')
  socket.once('connect', send)
  socket.on('data', (text: string) => {
    answer = answer === '' ? text : answer + text
    if (!isWhole(answer)) return
    const now = performance.now()
    if (now >= from && now < until) {
      if (isSuccess(answer)) count.latencies.push(now - sentAt)
      else count.failures += 1
    }
    if (now < until) send()
    else socket.destroy()
  })
  // An answer that never comes must not hold the run up.
  setTimeout(() => socket.destroy(), until - performance.now() + 10_000).unref()
}

const run = async (load: Load): Promise<LoadResult> => {
  const from = performance.now() + load.warmUpSeconds * 1000
  const count: Count = { latencies: [], failures: 0 }
  await Promise.all(Array.from({ length: load.connections }, () => drive(load, from, from + load.seconds * 1000, count)))
  const sorted = Float64Array.from(count.latencies).sort()
  if (sorted.length === 0) throw new Error(`no request succeeded, ${count.failures} failed`)
  return {
    requests: sorted.length,
    failures: count.failures,
    requestsPerSecond: sorted.length / load.seconds,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
  }
}

const reply = (message: { result: LoadResult } | { error: string }): void => {
  process.send?.(message, undefined, undefined, () => process.disconnect?.())
}
process.once('message', (load) => {
  run(load as Load).then(
    (result) => reply({ result }),
    (error: unknown) => reply({ error: String(error) }),
  )
})
