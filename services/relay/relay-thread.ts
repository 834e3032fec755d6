import { Worker } from 'node:worker_threads'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Relay, RelayStatus } from './face.ts'
import type { FromRelay, RelayThreadSettings, ToRelay } from './messages.ts'

export interface RelayThreadOptions extends Omit<RelayThreadSettings, 'wasActive'> {
  readonly after: (ms: number, call: () => void) => () => void
  /** Told of every change of the state. */
  readonly onState?: (status: Pick<RelayStatus, 'state' | 'problem'>) => void
  /** Told when the thread failed; it is started again after a second. */
  readonly onError?: (error: unknown) => void
}

const restartMs = 1_000
const away: RelayStatus = { state: 'retrying', problem: 'the relay thread is being started', eventsBehind: 0, eventsPublished: 0 }

/**
 * Runs the relay in a thread of its own, so that publishing never slows an append down.
 * @throws WeConnectError CONFIG_INVALID or UNAVAILABLE when Kafka or the registry cannot be used at the start; later it retries
 */
export const startRelayThread = async ({ after, onState, onError, ...settings }: RelayThreadOptions): Promise<Relay> => {
  const calls = new Map<number, (status: RelayStatus | null) => void>()
  let worker: Worker | undefined
  let nextId = 1
  let closing = false

  const receive = (message: FromRelay): void => {
    if (message.kind === 'state') onState?.(message.status)
    if (message.kind !== 'answer') return
    calls.get(message.id)?.(message.status)
    calls.delete(message.id)
  }

  const ended = (): void => {
    worker = undefined
    for (const answer of calls.values()) answer(away)
    calls.clear()
  }

  /** Settles when the thread publishes, or says why it cannot. */
  const start = (wasActive: boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const workerData: RelayThreadSettings = { ...settings, wasActive }
      const started = new Worker(new URL('./main.ts', import.meta.url), {
        workerData,
        name: 'relay',
        resourceLimits: { maxYoungGenerationSizeMb: 64 },
      })
      worker = started
      let failure: unknown = new WeConnectError('UNAVAILABLE', 'the relay thread ended before it had started')
      started.on('message', (message: FromRelay) => {
        if (message.kind === 'started') {
          resolve()
          started.once('exit', () => closing || after(restartMs, restart))
        } else if (message.kind === 'refused') failure = new WeConnectError(message.code, message.message)
        else receive(message)
      })
      started.on('error', (error) => {
        failure = error
        onError?.(error)
      })
      started.once('exit', () => {
        ended()
        reject(failure)
      })
    })

  const restart = (): void => {
    if (!closing) start(true).catch(() => after(restartMs, restart))
  }

  const ask = (kind: ToRelay['kind']): Promise<RelayStatus | null> =>
    new Promise((resolve) => {
      if (worker === undefined) return resolve(away)
      const id = nextId++
      calls.set(id, resolve)
      worker.postMessage({ kind, id } satisfies ToRelay)
    })

  await start(false)
  return {
    status: async () => (await ask('status')) ?? away,
    close: async () => {
      closing = true
      await ask('close')
      await worker?.terminate()
    },
  }
}
