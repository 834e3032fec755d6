import { decodeCursor, encodeCursor } from '@weconnect/contracts/cursor'
import type { Envelope, Position } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { StoredEvent } from '@weconnect/eventstore/port'
import { allowed, type GraphContext } from '../context.ts'
import { type Connection, type GivenPageArgs, pageArgs, pageSizeOf } from './connection.ts'
import { type EventSource, eventOf } from './event-source.ts'

export interface EventsArgs extends GivenPageArgs {
  readonly types?: readonly string[] | null
}

const organisationOf = ({ metadata }: StoredEvent): unknown =>
  (JSON.parse(metadata.toString()) as { organisationId?: unknown }).organisationId

/** Events of one stream. @throws WeConnectError NOT_FOUND for an unknown stream and for another organisation's */
export const eventsOfStream = async (context: GraphContext, stream: string, args: EventsArgs): Promise<Connection<EventSource>> => {
  const { organisationId } = allowed(context, 'event:read')
  const { store } = context.parts
  for await (const first of store.read(stream, { limit: 1 }))
    if (organisationOf(first) === organisationId) return pageOfStream(context, stream, args)
  throw new WeConnectError('NOT_FOUND', 'There is no such stream')
}

const revisionIn = (cursor: string | undefined, stream: string, logId: string): number | undefined => {
  if (cursor === undefined) return undefined
  const token = decodeCursor(cursor, logId)
  if (token.stream !== stream) throw new WeConnectError('INVALID_INPUT', 'the cursor is not one of this stream')
  return token.revision
}

const pageOfStream = async (context: GraphContext, stream: string, given: EventsArgs): Promise<Connection<EventSource>> => {
  const { store, journal } = context.parts
  const args = pageArgs(given)
  const size = pageSizeOf(args)
  const after = revisionIn(args.after, stream, journal.logId) ?? -1
  const before = revisionIn(args.before, stream, journal.logId) ?? Number.MAX_SAFE_INTEGER
  const backwards = args.last !== undefined
  const found: StoredEvent[] = []
  const range = backwards ? ({ from: before - 1, direction: 'backwards' } as const) : ({ from: after + 1 } as const)
  for await (const event of store.read(stream, range)) {
    if (backwards ? event.revision <= after : event.revision >= before) break
    if (wanted(event, given.types)) found.push(event)
    if (found.length > size) break
  }
  return connection(context, await opened(context, found.slice(0, size)), {
    totalCount: () => countOf(context, stream, given.types),
    more: found.length > size,
    backwards,
    ...args,
  })
}

const wanted = ({ type }: StoredEvent, types: readonly string[] | null | undefined): boolean => !types || types.includes(type)

const opened = (context: GraphContext, events: readonly StoredEvent[]): Promise<Envelope[]> =>
  Promise.all(events.map((event) => context.parts.journal.open(event)))

/** Without types the last revision says it; with them the stream is read. */
const countOf = async (
  { parts: { store } }: GraphContext,
  stream: string,
  types: readonly string[] | null | undefined,
): Promise<number> => {
  let count = 0
  if (!types) for await (const { revision } of store.read(stream, { direction: 'backwards', limit: 1 })) count = revision + 1
  else for await (const event of store.read(stream)) if (wanted(event, types)) count += 1
  return count
}

interface Found {
  readonly totalCount: Connection<EventSource>['totalCount']
  readonly more: boolean
  readonly backwards: boolean
  readonly after?: string | undefined
  readonly before?: string | undefined
}

const connection = ({ parts: { journal } }: GraphContext, events: readonly Envelope[], found: Found): Connection<EventSource> => {
  const ordered = found.backwards ? [...events].reverse() : events
  const edges = ordered.map((event) => ({
    cursor: encodeCursor({ log: journal.logId, stream: event.stream, revision: event.revision, position: event.position }),
    node: eventOf(event, journal.logId),
  }))
  return {
    totalCount: found.totalCount,
    pageInfo: {
      hasNextPage: found.backwards ? found.before !== undefined : found.more,
      hasPreviousPage: found.backwards ? found.more : found.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    edges,
  }
}

/** Events read at a time, and in all, to find those of one organisation and type. */
const readSize = 500
const mostRead = 20_000

/**
 * Events of the whole log, those of the organisation only. What is found in a bounded look: a page may hold fewer than asked for, with
 * `hasNextPage` and a cursor to look on from.
 */
export const eventsOfLog = async (context: GraphContext, given: EventsArgs): Promise<Connection<EventSource>> => {
  const { organisationId } = allowed(context, 'event:read')
  const { store, journal } = context.parts
  const args = pageArgs(given)
  const size = pageSizeOf(args)
  const backwards = args.last !== undefined
  const [start, end] = backwards ? [args.before, args.after] : [args.after, args.before]
  const stop = end === undefined ? undefined : decodeCursor(end, journal.logId).position
  const beyond = (position: Position): boolean => stop !== undefined && (backwards ? position <= stop : position >= stop)
  let place: Position | undefined = start === undefined ? undefined : decodeCursor(start, journal.logId).position
  const found: StoredEvent[] = []
  let ended = false
  for (let read = 0; read < mostRead && found.length <= size && !ended; read += readSize) {
    const events: readonly StoredEvent[] = await store.readAll({
      after: place,
      limit: readSize,
      direction: backwards ? 'backwards' : 'forwards',
    })
    const within = events.filter(({ position }) => !beyond(position))
    found.push(...within.filter((event) => wanted(event, given.types) && organisationOf(event) === organisationId))
    place = events.at(-1)?.position
    ended = events.length < readSize || within.length < events.length
  }
  const more = found.length > size || !ended
  return connection(context, await opened(context, found.slice(0, size)), { totalCount: null, more, backwards, ...args })
}
