import { status } from '@grpc/grpc-js'
import { wantedBy } from '../event-filter.ts'
import { shown } from '../event-messages.ts'
import { followAll, followStream, type Notice } from '../log-reading.ts'
import type { Recorded } from '../recorded.ts'
import { Refusal } from '../refusal.ts'
import type { StreamLog } from '../stream-log.ts'
import { type Consumer, chooser, type Message, someIsFree } from './consumers.ts'
import { allStreams, type GroupDefinition } from './definition.ts'
import { groupCheckpoint, isGroupStream, parkedMessages } from './group-streams.ts'
import { groupProgress } from './progress.ts'

export type NackAction = 'park' | 'retry' | 'skip' | 'stop'

const keptLatencies = 1000
const mostSweepMs = 1000

const dropped = ({ stream, group }: GroupDefinition): Refusal =>
  new Refusal(status.CANCELLED, 'persistent-subscription-dropped', `Subscription group ${group} on stream ${stream} was dropped.`, {
    'stream-name': stream,
    'group-name': group,
  })

const full = ({ stream, group }: GroupDefinition): Refusal =>
  new Refusal(
    status.FAILED_PRECONDITION,
    'maximum-subscribers-reached',
    `Maximum subscriptions reached for subscription group ${group} on stream ${stream}.`,
    { 'stream-name': stream, 'group-name': group },
  )

/**
 * A running persistent subscription. Each event goes to one of the consumers, again when it is not answered in time or refused, and to the parked
 * list when that was too often. After a crash what was done since the last checkpoint is delivered again: at least once, never lost.
 */
export const openGroup = async (log: StreamLog, definition: GroupDefinition, now: () => number) => {
  const { stream, filter, settings, after } = definition
  const checkpoint = groupCheckpoint(log, definition)
  const parked = parkedMessages(log, definition, now)
  const saved = await checkpoint.read()
  const progress = groupProgress(saved)
  const choose = chooser(settings.strategy)
  const stopped = new AbortController()
  const consumers: Consumer[] = []
  const queue: Message[] = []
  const retrying: Message[] = []
  const outstanding = new Map<string, { message: Message; consumer: Consumer; sentAt: number }>()
  const replaying = new Set<number>()
  const began = now()
  const bufferSize = Math.max(1, settings.historyBufferSize, settings.liveBufferSize)
  /** What is written, and what is to be. */
  let [checkpointed, wanted] = [saved, saved]
  let lastKnown: number | undefined
  let live = false
  let total = 0
  let totalAtLastLook = 0
  let room: (() => void) | undefined
  let writing = Promise.resolve()
  /** Up to here the parked list is forgotten once all that is replayed has ended. */
  let forgetBefore = 0

  const positionOf = ({ revision, place }: Recorded): number => (stream === allStreams ? place : revision)

  const saveCheckpoint = (): Promise<void> => {
    const position = progress.processed()
    progress.checkpointed()
    if (position === undefined || position === wanted) return writing
    wanted = position
    writing = writing.then(async () => {
      try {
        await checkpoint.write(position)
        checkpointed = position
      } catch {
        // The next one is written.
        wanted = checkpointed
      }
    })
    return writing
  }

  const ended = (message: Message): void => {
    if (message.parkedAt === undefined) progress.ended(message.position)
    else {
      replaying.delete(message.parkedAt)
      if (replaying.size === 0) parked.forget(forgetBefore).catch(() => undefined)
    }
    if (progress.sinceCheckpoint() >= settings.maxCheckpoint) void saveCheckpoint()
  }

  const release = (id: string): Message | undefined => {
    const held = outstanding.get(id)
    if (!held) return undefined
    outstanding.delete(id)
    held.consumer.inFlight -= 1
    return held.message
  }

  /** The first of these that a consumer can take now. */
  const dispatchFrom = (messages: Message[]): boolean => {
    for (const [index, message] of messages.entries()) {
      if (outstanding.has(message.id)) continue
      const consumer = choose(consumers, message)
      if (!consumer) continue
      messages.splice(index, 1)
      consumer.inFlight += 1
      consumer.total += 1
      total += 1
      outstanding.set(message.id, { message, consumer, sentAt: now() })
      consumer.send(message)
      return true
    }
    return false
  }

  const pump = (): void => {
    while (someIsFree(consumers) && (dispatchFrom(retrying) || dispatchFrom(queue)));
    if (queue.length < bufferSize) room?.()
  }

  const park = async (message: Message, reason: string): Promise<void> => {
    try {
      await parked.add(message, reason)
      ended(message)
    } catch {
      // It could not be written down, so it must not be lost: somebody gets it again.
      retrying.push(message)
    }
    pump()
  }

  const retry = (message: Message, reason: string): void => {
    message.retries += 1
    if (message.retries > settings.maxRetries) void park(message, reason)
    else retrying.push(message)
  }

  const sweep = (): void => {
    const due = now() - settings.messageTimeoutMs
    for (const [id, { sentAt }] of [...outstanding]) {
      if (sentAt > due) continue
      const message = release(id)
      if (message) retry(message, 'the consumer did not answer in time')
    }
    pump()
  }

  const notices = (): AsyncGenerator<Notice> => {
    const start = saved ?? after
    if (stream !== allStreams) return followStream(log, { stream, after: start, signal: stopped.signal })
    const wanted = wantedBy(filter)
    return followAll(log, {
      after: Math.max(start, 0),
      wanted: (event) => !isGroupStream(event.stream) && wanted(event),
      signal: stopped.signal,
    })
  }

  const feed = async (): Promise<void> => {
    for await (const notice of notices()) {
      if (stopped.signal.aborted) return
      if (notice.kind === 'caught up') live = true
      if (notice.kind !== 'event') continue
      const { event } = notice
      const position = positionOf(event)
      lastKnown = position
      progress.began(position)
      queue.push({ id: event.id, shown: await shown(log, event, settings.resolveLinks), position, retries: 0 })
      pump()
      if (queue.length >= bufferSize) await new Promise<void>((resolve) => (room = resolve))
    }
  }

  const timers = [
    ...(settings.messageTimeoutMs > 0 ? [setInterval(sweep, Math.min(mostSweepMs, Math.max(10, settings.messageTimeoutMs / 2)))] : []),
    setInterval(
      () => {
        if (progress.sinceCheckpoint() >= Math.max(1, settings.minCheckpoint)) void saveCheckpoint()
      },
      Math.max(10, settings.checkpointAfterMs),
    ),
  ]
  // A tombstoned stream ends its feed; what was fetched is still delivered.
  feed().catch(() => undefined)

  const leave = (consumer: Consumer): void => {
    const index = consumers.indexOf(consumer)
    if (index < 0) return
    consumers.splice(index, 1)
    for (const [id, held] of [...outstanding]) {
      if (held.consumer !== consumer) continue
      outstanding.delete(id)
      retrying.push(held.message)
    }
    if (consumers.length === 0) void saveCheckpoint()
    pump()
  }

  return {
    definition,
    /** @throws Refusal when there are enough of them */
    join: (consumer: Consumer): void => {
      if (settings.maxSubscribers > 0 && consumers.length >= settings.maxSubscribers) throw full(definition)
      consumers.push(consumer)
      pump()
    },
    leave,
    ack: (consumer: Consumer, ids: readonly string[]): void => {
      for (const id of ids) {
        const held = outstanding.get(id)
        if (held?.consumer !== consumer) continue
        if (consumer.latenciesMs.push(now() - held.sentAt) > keptLatencies) consumer.latenciesMs.shift()
        release(id)
        ended(held.message)
      }
      pump()
    },
    nack: (consumer: Consumer, ids: readonly string[], action: NackAction, reason: string): void => {
      for (const id of ids) {
        if (outstanding.get(id)?.consumer !== consumer) continue
        const message = release(id)
        if (!message) continue
        if (action === 'park') void park(message, reason)
        else if (action === 'skip') ended(message)
        else retry(message, reason)
      }
      if (action === 'stop') consumer.drop(dropped(definition))
      pump()
    },
    /** Sends the parked messages again, those before a revision of their list. They stay parked until they have ended. */
    replayParked: async (stopAt: number): Promise<void> => {
      for (const { message, parkedAt } of await parked.read(stopAt)) {
        if (parkedAt < forgetBefore || replaying.has(parkedAt)) continue
        replaying.add(parkedAt)
        retrying.push(message)
      }
      forgetBefore = Math.max(forgetBefore, Math.min(stopAt, (await parked.last()) + 1))
      if (replaying.size === 0) await parked.forget(forgetBefore)
      pump()
    },
    state: async () => {
      const uptime = Math.max(1, (now() - began) / 1000)
      const sinceLastLook = total - totalAtLastLook
      totalAtLastLook = total
      return {
        consumers: consumers as readonly Consumer[],
        live,
        total,
        sinceLastLook,
        perSecond: Math.round(total / uptime),
        perSecondOf: (consumer: Consumer): number => Math.round(consumer.total / uptime),
        lastKnown,
        checkpointed,
        queued: queue.length,
        retrying: retrying.length,
        inFlight: outstanding.size,
        parked: Math.max(0, (await parked.count()) - replaying.size),
      }
    },
    /** Ends it; consumers are told. What was done is checkpointed. */
    close: async (remove = false): Promise<void> => {
      stopped.abort()
      room?.()
      for (const timer of timers) clearInterval(timer)
      for (const consumer of consumers.splice(0)) consumer.drop(dropped(definition))
      if (!remove) return saveCheckpoint()
      await writing
      await checkpoint.remove()
      await parked.remove()
    },
  }
}
export type Group = Awaited<ReturnType<typeof openGroup>>
