import { describeLiveMessages } from '@weconnect/testing/live-contract'
import { openEmbeddedLive } from './live-embedded.ts'

describeLiveMessages('live messages within this process', async () => {
  const live = openEmbeddedLive()
  return [live, live]
})
