import { describeThrottles } from '@weconnect/testing/contracts/throttle'
import { openThrottle } from './token-bucket.ts'

describeThrottles('token buckets in this process', async (rate) => openThrottle(rate, Date.now))
