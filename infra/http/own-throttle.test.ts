import { describeThrottles } from '@weconnect/testing/throttle-contract'
import { openThrottle } from './token-bucket.ts'

describeThrottles('token buckets in this process', async (rate) => openThrottle(rate, Date.now))
