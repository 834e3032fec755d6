import type { JsonObject } from '@weconnect/contracts/json'
import type { Redis } from 'ioredis'
import type { RedisLink } from './connect.ts'
import { checkedCursor, keptMessages, type LiveMessage, type LiveMessages } from './live-port.ts'
import { openWakening, type Wakening } from './wakening.ts'

/** Milliseconds of one wait for new messages; also after a mistake. */
const blockMs = 5_000
const pageSize = 100

interface Listener {
  readonly wakening: Wakening
  readonly connection: Redis
  subscribers: number
}

const messageOf = ([cursor, [, data = '{}']]: [string, string[]]): LiveMessage => ({ cursor, data: JSON.parse(data) as JsonObject })

/** Messages between processes: a Redis Stream for each topic. One connection for each topic that someone here listens to. */
export const openRedisLive = (link: RedisLink): LiveMessages => {
  const { commands, prefix } = link
  const listeners = new Map<string, Listener>()
  const ended = new AbortController()
  const keyOf = (topic: string): string => `${prefix}:live:${topic}`

  const newest = async (topic: string): Promise<string> => {
    const [last] = await commands.xrevrange(keyOf(topic), '+', '-', 'COUNT', 1)
    return last?.[0] ?? '0-0'
  }

  /** Wakes the subscribers; each reads for itself from where it stands. */
  const listen = async (topic: string, { connection, wakening }: Listener): Promise<void> => {
    let from = '$'
    while (listeners.get(topic)?.connection === connection) {
      try {
        const answer = await connection.xread('COUNT', pageSize, 'BLOCK', blockMs, 'STREAMS', keyOf(topic), from)
        from = answer?.[0]?.[1].at(-1)?.[0] ?? from
      } catch {
        // The connection comes back by itself, or was ended.
        if (connection.status === 'end') return
      }
      wakening.wake()
    }
  }

  const join = (topic: string): Listener => {
    const known = listeners.get(topic)
    const listener = known ?? { wakening: openWakening(), connection: link.patient(), subscribers: 0 }
    listener.subscribers += 1
    if (known) return known
    listeners.set(topic, listener)
    void listen(topic, listener)
    return listener
  }

  const leave = (topic: string, listener: Listener): void => {
    listener.subscribers -= 1
    if (listener.subscribers > 0) return
    if (listeners.get(topic) === listener) listeners.delete(topic)
    listener.connection.disconnect()
  }

  const readAfter = async (topic: string, cursor: string): Promise<readonly LiveMessage[]> => {
    const entries = await commands.xrange(keyOf(topic), `(${cursor}`, '+', 'COUNT', pageSize).catch(() => [])
    return entries.map(messageOf)
  }

  const follow = async function* (topic: string, after: Promise<string>, until: AbortSignal): AsyncGenerator<LiveMessage> {
    const listener = join(topic)
    try {
      let last = await after
      while (!until.aborted) {
        const woken = listener.wakening.next(until)
        const messages = await readAfter(topic, last)
        for (const message of messages) {
          if (until.aborted) return
          last = message.cursor
          yield message
        }
        if (messages.length === 0) await woken
      }
    } finally {
      leave(topic, listener)
    }
  }

  return {
    publish: async (topic, data) => {
      await commands.xadd(keyOf(topic), 'MAXLEN', '~', keptMessages, '*', 'data', JSON.stringify(data)).catch(() => undefined)
    },
    recent: async (topic, limit) => {
      const entries = await commands.xrevrange(keyOf(topic), '+', '-', 'COUNT', limit).catch(() => [])
      return entries.map(messageOf).toReversed()
    },
    // The place is fixed now, not when the first message is asked for.
    subscribe: (topic, { after, signal }) => {
      const cursor = checkedCursor(after)
      const from = cursor === undefined ? newest(topic).catch(() => '0-0') : Promise.resolve(cursor)
      return follow(topic, from, AbortSignal.any([signal, ended.signal]))
    },
    close: () => {
      ended.abort()
      for (const [topic, listener] of [...listeners]) {
        listeners.delete(topic)
        listener.connection.disconnect()
      }
    },
  }
}
