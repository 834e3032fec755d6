import { describeQueues } from '@weconnect/testing/contracts/queue'
import { openEmbeddedQueues } from './embedded.ts'

describeQueues('queues in this process', async () =>
  openEmbeddedQueues({
    now: Date.now,
    after: (ms, call) => {
      const timer = setTimeout(call, ms)
      return () => clearTimeout(timer)
    },
  }),
)
