import { randomUUID } from 'node:crypto'
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import type { Access } from './access.ts'
import { streaming } from './calls.ts'
import { wantedBy } from './event-filter.ts'
import { readEvent, shown } from './event-messages.ts'
import { followAll, followStream, type Notice, readAll } from './log-reading.ts'
import { streamMessage } from './messages.ts'
import { parseReadRequest, type ReadRequest } from './read-request.ts'
import type { Recorded } from './recorded.ts'
import type { StreamLog } from './stream-log.ts'

type Send = (message: ReadResp) => Promise<void>

const notFound = (stream: string): ReadResp =>
  new streams.ReadResp().setStreamNotFound(new streams.ReadResp.StreamNotFound().setStreamIdentifier(streamMessage(stream)))

const confirmation = (): ReadResp =>
  new streams.ReadResp().setConfirmation(new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(randomUUID()))

const checkpoint = (place: number): ReadResp =>
  new streams.ReadResp().setCheckpoint(new streams.ReadResp.Checkpoint().setCommitPosition(String(place)).setPreparePosition(String(place)))

const caughtUp = (): ReadResp => new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp())

/** Streams/Read: readings and catch-up subscriptions. */
export const readService = (log: StreamLog, access: Access) => {
  const sendEvent = async (send: Send, event: Recorded, { resolveLinks, structuredIds }: ReadRequest): Promise<void> =>
    send(readEvent(await shown(log, event, resolveLinks), structuredIds))

  const readOneStream = async (stream: string, request: ReadRequest, limit: number, send: Send, signal: AbortSignal): Promise<void> => {
    const visible = await log.visibleOf(stream)
    if (!visible) return send(notFound(stream))
    const from = request.from === 'start' ? 0 : request.from === 'end' ? Number.MAX_SAFE_INTEGER : request.from
    for await (const event of log.readVisible(stream, visible, from, request.backwards, limit)) {
      if (signal.aborted) return
      await sendEvent(send, event, request)
    }
  }

  const readLog = async (request: ReadRequest, limit: number, send: Send, signal: AbortSignal): Promise<void> => {
    const from = request.from === 'start' ? 0 : request.from === 'end' ? Number.MAX_SAFE_INTEGER : request.from
    for await (const event of readAll(log, { from, backwards: request.backwards, limit, wanted: wantedBy(request.filter) })) {
      if (signal.aborted) return
      await sendEvent(send, event, request)
    }
  }

  const notices = (request: ReadRequest, signal: AbortSignal): AsyncGenerator<Notice> => {
    const { stream, from, filter, checkpointEvery } = request
    if (stream !== undefined) return followStream(log, { stream, after: from === 'start' ? -1 : from, signal })
    const after = from === 'start' ? 0 : from
    return followAll(log, { after, wanted: wantedBy(filter), signal, ...(checkpointEvery !== undefined && { checkpointEvery }) })
  }

  const follow = async (request: ReadRequest, send: Send, signal: AbortSignal): Promise<void> => {
    const coming = notices(request, signal)
    await send(confirmation())
    for await (const notice of coming) {
      if (signal.aborted) return
      if (notice.kind === 'event') await sendEvent(send, notice.event, request)
      else await send(notice.kind === 'caught up' ? caughtUp() : checkpoint(notice.place))
    }
  }

  return streaming<ReadReq, ReadResp>(async (message, call, send, signal) => {
    const request = parseReadRequest(message)
    await access.check(await access.who(call), 'read', request.stream ?? '$all')
    if (request.limit === undefined) return follow(request, send, signal)
    if (request.stream !== undefined) return readOneStream(request.stream, request, request.limit, send, signal)
    return readLog(request, request.limit, send, signal)
  })
}
