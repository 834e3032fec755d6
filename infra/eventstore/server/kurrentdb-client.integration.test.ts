import type * as eventstore from '@eventstore/db-client'
import * as library from '@kurrent/kurrentdb-client'
import { esdbAccessSuite } from '@weconnect/testing/esdb/access-suite'
import { esdbPersistentSuite } from '@weconnect/testing/esdb/persistent-suite'
import { esdbStreamsSuite } from '@weconnect/testing/esdb/streams-suite'

/** The newer client, taking the older one's name for what an append expects. */
const connect = (url: string): eventstore.EventStoreDBClient => {
  const client = library.KurrentDBClient.connectionString(url.replace('esdb:', 'kurrentdb:'))
  const append = client.appendToStream.bind(client)
  client.appendToStream = (stream, events, options) => {
    const { expectedRevision } = { ...options } as eventstore.AppendToStreamOptions
    return append(stream, events, { ...options, ...(expectedRevision !== undefined && { streamState: expectedRevision }) })
  }
  return client as unknown as eventstore.EventStoreDBClient
}

esdbStreamsSuite('@kurrent/kurrentdb-client', library as unknown as typeof eventstore, connect, {
  expected: 'expectedState',
  actual: 'actualState',
})
esdbPersistentSuite('@kurrent/kurrentdb-client', library as unknown as typeof eventstore, connect)
esdbAccessSuite('@kurrent/kurrentdb-client', library as unknown as typeof eventstore, connect)
