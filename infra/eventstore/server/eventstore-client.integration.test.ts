import * as library from '@eventstore/db-client'
import { esdbStreamsSuite } from '@weconnect/testing/esdb-streams-suite'

esdbStreamsSuite('@eventstore/db-client', library, (url) => library.EventStoreDBClient.connectionString(url))
