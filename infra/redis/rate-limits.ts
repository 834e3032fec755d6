import { openThrottle, type Rate, type Throttle } from '@weconnect/http/token-bucket'
import type { RedisLink } from './connect.ts'

/** KEYS: bucket. ARGV: burst, tokens per second. By the clock of the server, so that those of the processes need not agree. */
const takeToken = `
local burst, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(bucket[1]) or burst
local passed = math.max(0, now - (tonumber(bucket[2]) or now))
tokens = math.min(burst, tokens + passed / 1000 * rate)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.max(1, math.ceil((1 - tokens) / rate)) end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.17g', tokens), 'at', string.format('%d', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / rate * 1000) + 1000)
return wait`

/** A request is not held up for a Redis that is slower than this; nor do the next ones ask, for as long as the second says. */
const answerLimitMs = 250
const restMs = 1_000

/**
 * Token buckets that all processes share. While Redis is away or slow, each process counts by itself.
 * @param name of the limit: buckets of different limits are different
 * @param now milliseconds since the epoch
 */
export const openSharedThrottle = (link: RedisLink, name: string, rate: Rate, now: () => number): Throttle => {
  const own = openThrottle(rate, now)
  let restsUntil = 0
  const ask = async (key: string): Promise<number> => {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(new Error('slow')), answerLimitMs)
    try {
      const answer = link.commands.eval(takeToken, 1, `${link.prefix}:rate:${name}:${key}`, rate.burst, rate.perSecond)
      return Number(await Promise.race([answer, late.promise]))
    } catch {
      restsUntil = now() + restMs
      return own.take(key)
    } finally {
      clearTimeout(timer)
    }
  }
  return { take: (key) => (link.status().state === 'down' || now() < restsUntil ? own.take(key) : ask(key)) }
}
