import { randomUUID } from 'node:crypto'
import type { KafkaSettings } from '@weconnect/kafka/connect'
import type { Relay } from '@weconnect/relay/face'
import { startRelayThread } from '@weconnect/relay/relay-thread'
import { after } from '../owner/clock.ts'
import type { Foundation } from './foundation.ts'

/** Publishes the log to topics, in a thread of its own. @throws WeConnectError CONFIG_INVALID, UNAVAILABLE */
export const startRelay = async (
  { settings: { dataFolder, eventStoreUrl }, closing, telemetry, report }: Foundation,
  kafka: KafkaSettings,
): Promise<Relay> => {
  const relay = await startRelayThread({
    dataFolder,
    ...(eventStoreUrl !== undefined && { eventStoreUrl }),
    kafka,
    relayId: randomUUID(),
    after,
    onState: (status) => telemetry.log[status.state === 'running' ? 'info' : 'error']({ relay: status }, 'the relay changed its state'),
    onError: (error) => report(error, 'relay thread'),
  })
  closing.add(() => relay.close())
  return relay
}
