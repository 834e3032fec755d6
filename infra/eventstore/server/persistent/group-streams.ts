import { randomUUID } from 'node:crypto'
import { isJsonObject } from '@weconnect/contracts/json'
import { linkType, shown } from '../event-messages.ts'
import type { Proposed, StreamLog } from '../stream-log.ts'
import type { Message } from './consumers.ts'
import { allStreams, type GroupName } from './definition.ts'

/*
 * What a group keeps, in streams of the log named as the protocol's own server names them: how far it is, and the messages that nobody could handle.
 */
const prefix = '$persistentsubscription-'
export const isGroupStream = (stream: string): boolean => stream.startsWith(prefix) || stream.startsWith(`$$${prefix}`)

const checkpointStream = ({ stream, group }: GroupName): string => `${prefix}${stream}::${group}-checkpoint`
export const parkedStream = ({ stream, group }: GroupName): string => `${prefix}${stream}::${group}-parked`

const proposed = (type: string, json: boolean, data: string, metadata = ''): Proposed => ({
  id: randomUUID(),
  type,
  json,
  data: Buffer.from(data),
  metadata: Buffer.from(metadata),
})

/** A position as the protocol writes it. */
export const positionText = ({ stream }: GroupName, position: number): string =>
  stream === allStreams ? `C:${position}/P:${position}` : String(position)

const positionIn = (data: Buffer): number | undefined => {
  const value: unknown = JSON.parse(data.toString())
  const position = typeof value === 'string' ? Number(/P:([0-9]+)$/.exec(value)?.[1]) : Number(value)
  return Number.isNaN(position) ? undefined : position
}

/** How far the group is, durably. */
export const groupCheckpoint = (log: StreamLog, name: GroupName) => {
  const stream = checkpointStream(name)
  return {
    read: async (): Promise<number | undefined> => {
      const visible = await log.visibleOf(stream)
      const last = visible && (await log.lastOf(stream))
      return last && positionIn(last.data)
    },
    write: async (position: number): Promise<void> => {
      const text = positionText(name, position)
      await log.append(stream, 'any', [proposed('$SubscriptionCheckpoint', true, name.stream === allStreams ? JSON.stringify(text) : text)])
    },
    remove: async (): Promise<void> => {
      if (await log.visibleOf(stream)) await log.delete(stream, 'any')
    },
  }
}

/** The parked messages of a group: links to the events. */
export const parkedMessages = (log: StreamLog, name: GroupName, now: () => number) => {
  const stream = parkedStream(name)
  return {
    add: async ({ shown: { event, link } }: Message, reason: string): Promise<void> => {
      const original = link ?? event
      if (!original) return
      const metadata = JSON.stringify({ added: new Date(now()).toISOString(), reason, subscriptionEventNumber: original.revision })
      await log.append(stream, 'any', [proposed(linkType, false, `${original.revision}@${original.stream}`, metadata)])
    },
    count: async (): Promise<number> => {
      const visible = await log.visibleOf(stream)
      return visible ? visible.last - visible.first + 1 : 0
    },
    /** Those before a revision of the list, oldest first, with where they are in it. Events that are gone are left out. */
    read: async (before: number): Promise<readonly { readonly message: Message; readonly parkedAt: number }[]> => {
      const visible = await log.visibleOf(stream)
      const found: { message: Message; parkedAt: number }[] = []
      if (!visible) return found
      for await (const entry of log.readVisible(stream, visible, 0, false, Number.POSITIVE_INFINITY)) {
        if (entry.revision >= before) break
        const { event } = await shown(log, entry, true)
        if (!event) continue
        const position = name.stream === allStreams ? event.place : event.revision
        found.push({
          parkedAt: entry.revision,
          message: { id: event.id, shown: { event }, position, retries: 0, parkedAt: entry.revision },
        })
      }
      return found
    },
    /** Forgets those before a revision of the list. */
    forget: async (before: number): Promise<void> => void (await log.truncateBefore(stream, before)),
    last: async (): Promise<number> => (await log.visibleOf(stream))?.last ?? -1,
    remove: async (): Promise<void> => {
      if (await log.visibleOf(stream)) await log.delete(stream, 'any')
    },
  }
}

const configStream = '$persistentSubscriptionConfig'

/** Which groups there are, durably: each change writes the whole list. */
export const groupList = <Definition>(log: StreamLog) => ({
  read: async (): Promise<readonly Definition[]> => {
    const last = await log.lastOf(configStream)
    const value: unknown = last && JSON.parse(last.data.toString())
    const entries = isJsonObject(value) ? value['entries'] : undefined
    return (Array.isArray(entries) ? entries : []) as unknown as readonly Definition[]
  },
  write: async (entries: readonly Definition[], updatedBy: string): Promise<void> => {
    await log.append(configStream, 'any', [proposed('$PersistentConfig', true, JSON.stringify({ version: '2', updatedBy, entries }))])
  },
})
