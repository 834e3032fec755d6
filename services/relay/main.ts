import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import type { Relay, RelayTimers } from './face.ts'
import type { FromRelay, RelayThreadSettings, ToRelay } from './messages.ts'
import { openRelay } from './open-relay.ts'

/** The relay thread: reads the log beside the thread that writes it. relay-thread.ts starts it. */
const port = parentPort
if (port === null) throw new Error('this is the entry of a worker thread: see relay-thread.ts')
const post = (message: FromRelay): void => port.postMessage(message)

const timers: RelayTimers = { wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}), turn: () => turn() }

const { dataFolder, eventStoreUrl, kafka, relayId, wasActive } = workerData as RelayThreadSettings
const store =
  eventStoreUrl === undefined
    ? openEmbeddedEventStore({ folder: dataFolder, readOnly: true })
    : await (await import('@weconnect/eventstore/esdb')).openEsdbEventStore({ url: eventStoreUrl })

const listen = (relay: Relay): void => {
  port.on('message', async ({ kind, id }: ToRelay) => {
    if (kind === 'status') return post({ kind: 'answer', id, status: await relay.status() })
    await relay.close()
    await store.close()
    post({ kind: 'answer', id, status: null })
    port.close()
  })
}

try {
  listen(
    await openRelay({
      settings: kafka,
      store,
      timers,
      relayId,
      wasActive,
      onState: (status) => post({ kind: 'state', status }),
    }),
  )
  post({ kind: 'started' })
} catch (error) {
  if (!isWeConnectError(error)) throw error
  post({ kind: 'refused', code: error.code, message: error.message })
  await store.close()
}
