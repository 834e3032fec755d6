import { createAdapter } from '@socket.io/redis-streams-adapter'
import type { RedisLink } from './connect.ts'

/** What socket.io takes as `adapter`: messages to a room reach its members on every process, through a Redis Stream. */
export type SocketFanOut = ReturnType<typeof createAdapter>

/** Messages kept for a process that was cut off for a moment. */
const keptMessages = 10_000

/** While Redis is away a room reaches its members on this process only. */
export const openSocketFanOut = (link: RedisLink): SocketFanOut => {
  const publisher = link.eager()
  // Reading waits for Redis to come back; publishing must not, as those who are here would wait with it.
  publisher.duplicate = () => link.patient()
  const publish = publisher.publish.bind(publisher)
  // The adapter waits for no answer to it, so that nobody would catch a failure.
  publisher.publish = ((channel: string, message: Buffer) => publish(channel, message).catch(() => 0)) as typeof publisher.publish
  const name = `${link.prefix}:sockets`
  return createAdapter(publisher, { streamName: name, channelPrefix: name, sessionKeyPrefix: `${name}:session:`, maxLen: keptMessages })
}
