import { describe } from 'vitest'
import { appending } from './event-store/appending.ts'
import { reading } from './event-store/reading.ts'
import { type OpenStore, storesFrom } from './event-store/stores.ts'
import { subscribing } from './event-store/subscribing.ts'
import { work } from './event-store/work.ts'

/** What every event store must do, whatever holds its bytes. */
export const eventStoreContract = (name: string, open: OpenStore): void => {
  const stores = storesFrom(open)
  describe(`${name}: appending`, appending(stores))
  describe(`${name}: reading`, reading(stores))
  describe(`${name}: subscribing`, subscribing(stores))
  describe(`${name}: work`, work(stores))
}
