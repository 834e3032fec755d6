import { randomUUID } from 'node:crypto'
import type { KafkaSettings } from '@weconnect/kafka/connect'
import { openPool } from '@weconnect/postgres/pool'
import { takeSeat } from '@weconnect/postgres/seat'
import type { Relay } from '@weconnect/relay/face'
import { startRelayThread } from '@weconnect/relay/relay-thread'
import { openSeatedRelay } from '@weconnect/relay/seated-relay'
import { after, timer } from '../owner/clock.ts'
import type { Foundation } from './foundation.ts'

/** One number for all: of several relays one publishes, the others wait until it is gone. */
const relaySeat = 7_305_012

/** In a thread of its own. @throws WeConnectError CONFIG_INVALID, UNAVAILABLE */
const startThread = ({ settings: { dataFolder, eventStoreUrl }, telemetry, report }: Foundation, kafka: KafkaSettings): Promise<Relay> =>
  startRelayThread({
    dataFolder,
    ...(eventStoreUrl !== undefined && { eventStoreUrl }),
    kafka,
    relayId: randomUUID(),
    after,
    onState: (status) => telemetry.log[status.state === 'running' ? 'info' : 'error']({ relay: status }, 'the relay changed its state'),
    onError: (error) => report(error, 'relay thread'),
  })

/** One relay of several, in other processes. */
const standBy = async (foundation: Foundation, kafka: KafkaSettings): Promise<Relay> => {
  const { settings, closing, report } = foundation
  // Loaded where it is first used: most processes name no Kafka.
  const { checkEngines } = await import('@weconnect/kafka/connect')
  await checkEngines(kafka)
  const pool = openPool(settings.postgresUrl ?? '', 1)
  closing.add(() => pool.close())
  return openSeatedRelay({
    start: () => startThread(foundation, kafka),
    takeSeat: (signal) => takeSeat(pool, relaySeat, timer, signal),
    wait: timer.wait,
    onError: (error) => report(error, 'relay'),
  })
}

/** Publishes the log to topics; beside others only while none of them does. @throws WeConnectError CONFIG_INVALID, UNAVAILABLE */
export const startRelay = async (foundation: Foundation, kafka: KafkaSettings): Promise<Relay> => {
  const relay = foundation.settings.isShared ? await standBy(foundation, kafka) : await startThread(foundation, kafka)
  foundation.closing.add(() => relay.close())
  return relay
}
