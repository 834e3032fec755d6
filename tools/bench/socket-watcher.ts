import { setTimeout as sleep } from 'node:timers/promises'
import { io } from 'socket.io-client'
import { type Listener, listener } from './heard.ts'
import { activate, type Product } from './product.ts'
import { later } from './workflows.ts'

/** Executions that are begun a second to be watched, beside the load. */
const perSecond = 20

export interface Watcher extends Listener {
  /** Begins executions from now on, and watches each. */
  run(seconds: number): Promise<void>
  /** Those that are watched and have not ended. */
  open(): number
  close(): void
}

/** A socket.io client: it watches executions by their ids, so it begins its own, which go on when it watches them. */
export const openWatcher = async ({ port, token, ...product }: Product): Promise<Watcher> => {
  await activate({ port, token, ...product }, later.file)
  const { seen, ends, note } = listener()
  const watched = new Set<string>()
  const failures: unknown[] = []
  const socket = io(`http://127.0.0.1:${port}`, { auth: { token }, transports: ['websocket'] })
  await new Promise<void>((resolve, reject) => socket.once('connected', () => resolve()).once('connect_error', reject))
  socket.on('error', (error: unknown) => failures.push(error))
  socket.on('execution_update', ({ executionId, type, timestamp }: { executionId: string; type: string; timestamp: string }) => {
    note(type, timestamp)
    if (type !== 'ExecutionCompleted') return
    watched.delete(executionId)
    socket.emit('unsubscribe_execution', { executionId })
  })
  const begin = async (): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${port}${later.path}`, { method: 'POST', body: '{"name":"Ada"}', headers })
    const { executionId } = (await answer.json()) as { executionId: string }
    watched.add(executionId)
    socket.emit('subscribe_execution', { executionId })
  }
  return {
    ...{ seen, ends },
    open: () => watched.size,
    run: async (seconds) => {
      const begun: Promise<void>[] = []
      const began = performance.now()
      for (let count = 0; count < seconds * perSecond; count += 1) {
        await sleep(Math.max(0, began + (count * 1000) / perSecond - performance.now()))
        begun.push(begin())
      }
      await Promise.all(begun)
      if (failures.length > 0) throw new Error(`W9: the socket was refused: ${JSON.stringify(failures[0])}`)
    },
    close: () => void socket.disconnect(),
  }
}

const headers = { 'content-type': 'application/json' }
