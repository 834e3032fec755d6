/** Sends what is due, and counts. Started by steady-load.ts with its load as argument; answers over IPC. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { isSuccess, isWhole, requestBytes } from './http-socket.ts'
import { percentile } from './statistics.ts'
import type { SteadyLoad, SteadyResult } from './steady-load.ts'

const tickMs = 2
const answerLimitMs = 10_000

const load = JSON.parse(process.argv[2] ?? '') as SteadyLoad
const request = requestBytes(load)
const total = Math.round(load.perSecond * load.seconds)
const latencies: number[] = []
const waiting: number[] = []
const idle: Socket[] = []
let failures = 0

const count = (dueAt: number, isGood: boolean): void => {
  if (isGood) latencies.push(performance.now() - dueAt)
  else failures += 1
}

const openSocket = async (): Promise<void> => {
  const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1')
  await once(socket, 'connect')
  idle.push(socket)
}

const send = (socket: Socket, dueAt: number): void => {
  let answer = ''
  const broken = (): void => {
    count(dueAt, false)
    openSocket().then(sendDue, () => {})
  }
  const take = (text: string): void => {
    answer += text
    if (!isWhole(answer)) return
    socket.off('data', take)
    socket.off('close', broken)
    count(dueAt, isSuccess(answer))
    idle.push(socket)
    sendDue()
  }
  socket.on('data', take)
  socket.once('close', broken)
  socket.write(request)
}

const sendDue = (): void => {
  while (waiting.length > 0 && idle.length > 0) send(idle.pop() as Socket, waiting.shift() as number)
}

await Promise.all(Array.from({ length: load.connections }, openSocket))
const began = performance.now()
let made = 0
const timer = setInterval(() => {
  for (; made < total && (made / load.perSecond) * 1_000 <= performance.now() - began; made += 1)
    waiting.push(began + (made / load.perSecond) * 1_000)
  sendDue()
  const isOver = latencies.length + failures === total || performance.now() - began > load.seconds * 1_000 + answerLimitMs
  if (!isOver) return
  clearInterval(timer)
  const sorted = Float64Array.from(latencies).sort()
  const result: SteadyResult = {
    requests: sorted.length,
    failures: total - sorted.length,
    p50Ms: sorted.length > 0 ? percentile(sorted, 0.5) : -1,
    p99Ms: sorted.length > 0 ? percentile(sorted, 0.99) : -1,
  }
  process.send?.(result, undefined, undefined, () => process.exit())
}, tickMs)
