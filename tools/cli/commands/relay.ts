import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { WeConnectError } from '@weconnect/contracts/errors'
import { startRelayThread } from '@weconnect/relay/relay-thread'
import { dataFolderOf } from '../instance.ts'
import { after } from '../owner/clock.ts'
import { kafkaSettings } from '../owner/settings.ts'

/** Publishes until Ctrl-C or SIGTERM, beside the owner of the data folder: it only reads the log. Each change of its state is a line of JSON. */
export const relay = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...args], options: { data: { type: 'string' } } })
  const kafka = kafkaSettings(process.env)
  if (kafka === undefined)
    throw new WeConnectError('CONFIG_INVALID', 'KAFKA_BROKERS is not set: name the brokers to publish to, as host:port,host:port')
  const running = await startRelayThread({
    dataFolder: dataFolderOf(values),
    kafka,
    relayId: randomUUID(),
    after,
    onState: (status) => console.log(JSON.stringify(status)),
    onError: (error) => console.error(error),
  })
  await new Promise((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
  await running.close()
  return 0
}
