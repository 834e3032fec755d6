import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventStoreContract } from '@weconnect/testing/contracts/event-store'
import { serveLog } from '@weconnect/testing/event-store-server'
import { openEsdbEventStore } from './open-esdb.ts'

eventStoreContract('event store behind the EventStoreDB protocol', async (options = {}) => {
  const served = await serveLog()
  const folder = mkdtempSync(join(tmpdir(), 'weconnect-work-'))
  const open = () => openEsdbEventStore({ url: served.url, folder, ...options })
  let store = await open()
  return {
    store,
    reopen: async () => {
      await store.close()
      store = await open()
      return store
    },
    close: async () => {
      await store.close()
      await served.close()
      rmSync(folder, { recursive: true })
    },
  }
})
