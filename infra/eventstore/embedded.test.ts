import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventStoreContract } from '@weconnect/testing/contracts/event-store'
import { openEmbeddedEventStore } from './embedded.ts'

eventStoreContract('embedded event store', async (options = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'weconnect-log-'))
  let store = openEmbeddedEventStore({ folder, ...options })
  return {
    store,
    reopen: async () => {
      await store.close()
      store = openEmbeddedEventStore({ folder, ...options })
      return store
    },
    close: async () => {
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
})
