import { Worker } from 'node:worker_threads'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { ProjectionStatus, Projector, RebuildProgress } from '../face.ts'
import type { StatusChange } from '../runner.ts'
import type { Timers } from '../timers.ts'
import { type Progress, positionWaiters } from '../waiters.ts'
import type { FromProjector, ProjectorSettings, ToProjector } from './messages.ts'

export interface ProjectorThreadOptions extends ProjectorSettings {
  readonly timers: Timers
  /** Told when a projection stops, goes on, or ends a rebuild, and when the database went away. */
  readonly onStatus?: (change: StatusChange) => void
  /** Told when the thread failed; it is started again after a second. */
  readonly onError?: (error: Error) => void
}

interface Call {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  readonly onProgress?: ((progress: RebuildProgress) => void) | undefined
}

type Answer<Request> = Request extends { readonly id: number } ? Omit<Request, 'id'> : never

const notRunning = () => new WeConnectError('UNAVAILABLE', 'the projections are not running')

/** Runs the projections in a thread of their own. It answers at once; the tables are prepared meanwhile. */
export const startProjectorThread = (options: ProjectorThreadOptions): Projector => {
  const { timers, onStatus, onError, ...others } = options
  const { dataFolder, eventStoreUrl, kept, database, topics, stores = {} } = others
  const workerData: ProjectorSettings = {
    ...{ dataFolder, kept, database, topics, stores },
    ...(eventStoreUrl !== undefined && { eventStoreUrl }),
  }
  const calls = new Map<number, Call>()
  let progress: readonly Progress[] = []
  let nextId = 1
  let closing = false
  let alive = false
  let worker: Worker

  const waiters = positionWaiters(
    timers,
    () => progress,
    (position) => send({ kind: 'wanted', position }),
  )

  const send = (message: ToProjector): void => worker.postMessage(message)

  const start = (): void => {
    worker = new Worker(new URL('./main.ts', import.meta.url), {
      workerData,
      name: 'projector',
      resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 96 },
    })
    alive = true
    worker.on('message', receive)
    worker.on('error', (error: unknown) => onError?.(error instanceof Error ? error : new Error(String(error))))
    worker.on('exit', ended)
  }

  const ended = (): void => {
    alive = false
    for (const call of calls.values()) call.reject(notRunning())
    calls.clear()
    if (!closing) timers.after(1_000, () => closing || start())
  }

  const receive = (message: FromProjector): void => {
    if (message.kind === 'moved') {
      progress = message.progress
      waiters.moved()
    } else if (message.kind === 'changed') onStatus?.(message.change)
    else if (message.kind === 'rebuilding') calls.get(message.id)?.onProgress?.(message.progress)
    else settle(message)
  }

  const settle = (message: FromProjector & { kind: 'answer' | 'refusal' }): void => {
    const call = calls.get(message.id)
    calls.delete(message.id)
    if (message.kind === 'answer') call?.resolve(message.value)
    else call?.reject(new WeConnectError(message.code, message.message))
  }

  const ask = <Value>(request: Answer<ToProjector>, onProgress?: (progress: RebuildProgress) => void): Promise<Value> =>
    new Promise<Value>((resolve, reject) => {
      if (!alive) return reject(notRunning())
      const id = nextId++
      calls.set(id, { resolve: resolve as (value: unknown) => void, reject, onProgress })
      send({ ...request, id } as ToProjector)
    })

  start()
  return {
    status: () => ask<readonly ProjectionStatus[]>({ kind: 'status' }),
    rebuild: (name, onProgress) => ask<RebuildProgress>({ kind: 'rebuild', name }, onProgress),
    retry: async (name) => {
      await ask<null>({ kind: 'retry', name })
    },
    waitFor: waiters.waitFor,
    close: async () => {
      if (closing) return
      closing = true
      await ask<null>({ kind: 'close' }).catch(() => {})
      await worker.terminate()
    },
  }
}
