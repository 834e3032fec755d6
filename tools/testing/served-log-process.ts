import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { startEventStoreServer } from '@weconnect/eventstore/server'

/** The process that event-store-server.ts starts: serves the log of a folder, tells its port, and lets its clock be moved. */
const { folder, port, readOnly, tls } = JSON.parse(process.argv[2] ?? '') as {
  folder: string
  port: number
  readOnly: boolean
  tls?: { certificate: string; key: string; adminPassword: string }
}
let clockAhead = 0
process.on('message', ({ ahead }: { ahead: number }) => {
  clockAhead = ahead
  process.send?.({ moved: ahead })
})
process.on('disconnect', () => process.exit())

const server = await startEventStoreServer({
  store: openEmbeddedEventStore({ folder }),
  host: '127.0.0.1',
  port,
  readOnly,
  now: () => Date.now() + clockAhead,
  ...(tls && { tls: { certificate: Buffer.from(tls.certificate), key: Buffer.from(tls.key), adminPassword: tls.adminPassword } }),
})
process.send?.({ port: server.port })
