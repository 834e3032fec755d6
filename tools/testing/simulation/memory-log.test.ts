import { eventStoreContract } from '@weconnect/testing/contracts/event-store'
import { memoryLog } from './memory-log.ts'

let logs = 0

eventStoreContract('event log in memory', async ({ workOf } = {}) => {
  logs += 1
  const log = memoryLog(String(logs).padStart(8, '0'), workOf)
  let store = log.open()
  return {
    store,
    reopen: async () => {
      await store.close()
      store = log.open()
      return store
    },
    close: () => store.close(),
  }
})
