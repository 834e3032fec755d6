import * as library from '@eventstore/db-client'
import { esdbAccessSuite } from '@weconnect/testing/esdb/access-suite'
import { esdbPersistentSuite } from '@weconnect/testing/esdb/persistent-suite'
import { esdbStreamsSuite } from '@weconnect/testing/esdb/streams-suite'

esdbStreamsSuite('@eventstore/db-client', library, (url) => library.EventStoreDBClient.connectionString(url))
esdbPersistentSuite('@eventstore/db-client', library, (url) => library.EventStoreDBClient.connectionString(url))
esdbAccessSuite('@eventstore/db-client', library, (url) => library.EventStoreDBClient.connectionString(url))
