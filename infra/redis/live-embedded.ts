import { checkedCursor, keptMessages, type LiveMessage, type LiveMessages } from './live-port.ts'
import { openWakening, type Wakening } from './wakening.ts'

interface Topic {
  readonly messages: LiveMessage[]
  readonly wakening: Wakening
}

/** Messages within this process. */
export const openEmbeddedLive = (): LiveMessages => {
  const topics = new Map<string, Topic>()
  const ended = new AbortController()
  let count = 0
  const topicOf = (name: string): Topic => {
    const topic = topics.get(name) ?? { messages: [], wakening: openWakening() }
    topics.set(name, topic)
    return topic
  }
  return {
    publish: async (name, data) => {
      const { messages, wakening } = topicOf(name)
      count += 1
      messages.push({ cursor: String(count), data })
      if (messages.length > keptMessages) messages.shift()
      wakening.wake()
    },
    recent: async (name, limit) => topicOf(name).messages.slice(-limit),
    subscribe: (name, { after, signal }) => {
      const { messages, wakening } = topicOf(name)
      const until = AbortSignal.any([signal, ended.signal])
      // One of an earlier process may be ahead of us.
      let last = Math.min(count, Number.parseInt(checkedCursor(after) ?? String(count), 10))
      return (async function* () {
        while (!until.aborted) {
          const woken = wakening.next(until)
          for (const message of messages.filter(({ cursor }) => Number(cursor) > last)) {
            if (until.aborted) return
            last = Number(message.cursor)
            yield message
          }
          if (!messages.some(({ cursor }) => Number(cursor) > last)) await woken
        }
      })()
    },
    close: () => ended.abort(),
  }
}
