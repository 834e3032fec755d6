import type { JsonObject } from '@weconnect/contracts/json'
import type { Chance } from './chance.ts'

/** Each value has slots, starts and gatherings of its own. */
const byCustomer = '={{ $json.customer }}'
export const customers = ['a', 'b'] as const

const key = (chance: Chance): JsonObject => (chance.happens(0.4) ? { key: byCustomer } : {})
const queue = (chance: Chance): JsonObject => (chance.happens(0.3) ? { queue: chance.between(0, 2) } : {})
const whileWaiting = (chance: Chance): JsonObject => (chance.happens(0.3) ? { whileWaiting: 'hold' } : {})
const few = (chance: Chance): number => chance.between(1, 2)

/** Shared by all workflows that declare it. */
const shared = (chance: Chance): JsonObject => ({ limit: few(chance), scope: 'organisation', name: 'shared' })
const own = (chance: Chance): JsonObject => ({ limit: few(chance), ...key(chance), ...queue(chance), ...whileWaiting(chance) })
const pace = (chance: Chance): JsonObject => ({ limit: few(chance), periodMs: chance.pick([1_000, 20_000]), ...key(chance) })

const gathering = (chance: Chance): JsonObject =>
  chance.happens(0.5)
    ? { debounce: { periodMs: chance.pick([2_000, 20_000]), ...(chance.happens(0.3) && { maxWaitMs: 30_000 }), ...key(chance) } }
    : { batch: { maxSize: chance.between(2, 4), timeoutMs: chance.pick([2_000, 30_000]), ...key(chance) } }

/** What a workflow declares of its flow, in some of the worlds. */
export const parentLimits = (chance: Chance): JsonObject => {
  const concurrency = [...(chance.happens(0.6) ? [own(chance)] : []), ...(chance.happens(0.3) ? [shared(chance)] : [])]
  return {
    ...(concurrency.length > 0 && { concurrency }),
    ...(chance.happens(0.3) && { singleton: { mode: chance.pick(['skip', 'cancel']), ...key(chance) } }),
    ...(chance.happens(0.2) && { throttle: { ...pace(chance), ...queue(chance) } }),
    ...(chance.happens(0.2) && { rateLimit: pace(chance) }),
    ...(chance.happens(0.3) && gathering(chance)),
    ...(chance.happens(0.3) && { priority: chance.between(1, 5) }),
  }
}

/** One that others call holds one thing at most: with two, it and who calls another of its kind could wait for each other. */
export const childLimits = (chance: Chance): JsonObject =>
  chance.pick([{ concurrency: [{ limit: 1 }] }, { concurrency: [shared(chance)] }, { throttle: { limit: 1, periodMs: 1_000 } }])
