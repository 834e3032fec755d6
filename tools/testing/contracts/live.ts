import { keptMessages, type LiveMessage, type LiveMessages } from '@weconnect/redis/live-port'
import { describe, expect, test } from 'vitest'

const patience = { timeout: 60_000, interval: 20 }

/** Every adapter of the live messages passes it. @param open two processes that share them; the same one twice where there is but one */
export const describeLiveMessages = (name: string, open: () => Promise<readonly [LiveMessages, LiveMessages]>): void => {
  describe(name, () => {
    const collect = (live: LiveMessages, topic: string, after?: string) => {
      const stop = new AbortController()
      const messages: LiveMessage[] = []
      // Begins here: what is published from now on belongs to it.
      const source = live.subscribe(topic, { after, signal: stop.signal })
      const ended = (async () => {
        for await (const message of source) messages.push(message)
      })()
      const end = (): Promise<void> => {
        stop.abort()
        return ended
      }
      return { messages, numbers: () => messages.map(({ data }) => data['n']), end }
    }
    /** Says something until it is heard: from then on nothing is missed. */
    const heard = async (live: LiveMessages, topic: string, { messages }: { messages: LiveMessage[] }): Promise<void> => {
      while (messages.length === 0) {
        await live.publish(topic, { n: 0 })
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }

    test('what one process says, others hear, in order and once', async () => {
      const [one, other] = await open()
      const [first, second] = [collect(one, 't'), collect(other, 't')]
      for (const listener of [first, second]) await heard(one, 't', listener)
      for (let n = 1; n <= 300; n += 1) await (n % 2 ? one : other).publish('t', { n })
      const all = Array.from({ length: 300 }, (_, index) => index + 1)
      for (const { numbers } of [first, second]) await expect.poll(() => numbers().filter((n) => n !== 0), patience).toEqual(all)
      await Promise.all([first.end(), second.end()])
      for (const live of new Set([one, other])) live.close()
    })

    test('from a cursor on nothing is missing; topics are apart; the newest are kept', async () => {
      const [one, other] = await open()
      for (let n = 1; n <= 5; n += 1) await one.publish('u', { n })
      await one.publish('elsewhere', { n: 99 })
      const kept = await other.recent('u', 10)
      expect(kept.map(({ data }) => data['n'])).toEqual([1, 2, 3, 4, 5])
      expect((await other.recent('u', 2)).map(({ data }) => data['n'])).toEqual([4, 5])
      const listener = collect(other, 'u', kept[1]?.cursor)
      await expect.poll(listener.numbers, patience).toEqual([3, 4, 5])
      await one.publish('u', { n: 6 })
      await expect.poll(listener.numbers, patience).toEqual([3, 4, 5, 6])
      await listener.end()
      for (let n = 0; n < keptMessages * 2; n += 1) await one.publish('many', { n })
      expect((await one.recent('many', 10_000)).length).toBeLessThan(keptMessages * 2)
      for (const live of new Set([one, other])) live.close()
    })
  })
}
