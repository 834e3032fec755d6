import { describeLiveMessages } from '@weconnect/testing/contracts/live'
import { openEmbeddedLive } from './live-embedded.ts'

describeLiveMessages('live messages within this process', async () => {
  const live = openEmbeddedLive()
  return [live, live]
})
