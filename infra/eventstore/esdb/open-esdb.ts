import { randomInt, randomUUID } from 'node:crypto'
import { type AppendExpectedRevision, type EventStoreDBClient, jsonEvent, WrongExpectedVersionError } from '@eventstore/db-client'
import { WeConnectError } from '@weconnect/contracts/errors'
import { eventCatalogue } from '@weconnect/contracts/events/catalogue'
import type { Connection } from '@weconnect/postgres/pool'
import { appendBytes } from '../log/append-frame.ts'
import { type Appended, type EventBytes, type EventStore, type ExpectedRevision, maxAppendBytes, type WorkOf } from '../port.ts'
import { atMost } from './at-most.ts'
import { type Connection as EsdbConnection, openConnection, startError } from './connection.ts'
import { eventData } from './event-form.ts'
import { type FoldedWork, openFoldedWork } from './folded-work.ts'
import { esdbFollowers } from './follow.ts'
import { esdbReader } from './reader.ts'
import { openTail } from './tail.ts'

export interface EsdbOptions {
  /** esdb://, esdb+discover:// or kurrentdb://, as the official clients read it. */
  readonly url: string
  /** What appends do to the rows that openWork answers; asked for each append, or, where the event store does not tell where appends end, for each event. Absent = there are none. */
  readonly workOf?: WorkOf
  /** Raised when the same append is to give another row. */
  readonly workVersion?: number
  /** Keeps the rows of openWork between two runs of one process. */
  readonly folder?: string
  /** Keeps them for all processes of the log, which share no disk: a PostgreSQL. */
  readonly workDatabase?: Connection | string
  /** Milliseconds after which a call that has no answer is given up, and tried again three times; 15 s unless given. */
  readonly patienceMs?: number
}

/**
 * Appends under way at a time. The client's stream takes sixteen messages before it makes its callers wait, and when the connection is lost while
 * they wait, the client leaves a rejection that nobody can catch, which ends the process.
 */
const appendsAtATime = 12

/** Its first event names the log. */
const nameStream = 'weconnect-log'
const families = new Set(Object.values(eventCatalogue).map(({ family }) => family))

const randomLogId = (): string => Array.from({ length: 8 }, () => randomInt(36).toString(36)).join('')

const storedLogId = async (client: EventStoreDBClient): Promise<string> => {
  const [first] = await Array.fromAsync(client.readStream<{ type: 'LogNamed'; data: { logId: string } }>(nameStream, { maxCount: 1 }))
  const logId = first?.event?.data.logId
  if (logId === undefined || !/^[0-9a-z]{8}$/.test(logId))
    throw new WeConnectError('LOG_CORRUPT', `The stream "${nameStream}" does not name this log`)
  return logId
}

/** Names a log that has no name yet. Positions carry the name, so that a cursor of another log is noticed. */
const nameOf = async (client: EventStoreDBClient): Promise<string> => {
  const event = jsonEvent({ id: randomUUID(), type: 'LogNamed', data: { logId: randomLogId() } })
  try {
    await client.appendToStream(nameStream, event, { expectedRevision: 'no_stream' })
  } catch (error) {
    if (!(error instanceof WrongExpectedVersionError)) throw error
  }
  return storedLogId(client)
}

const wireRevision = (expected: ExpectedRevision): AppendExpectedRevision => {
  if (expected === 'any') return 'any'
  return expected === 'none' ? 'no_stream' : BigInt(expected)
}

const checkSize = (events: readonly EventBytes[]): void => {
  if (events.length === 0) throw new WeConnectError('INVALID_INPUT', 'An append holds at least one event')
  const bytes = appendBytes(events)
  if (bytes <= maxAppendBytes) return
  throw new WeConnectError('APPEND_TOO_LARGE', `An append holds at most ${maxAppendBytes} bytes; this one has ${bytes}`)
}

/**
 * The event log in EventStoreDB, KurrentDB, or whatever else speaks their protocol, through the official client. Of what it holds only the streams
 * of WeConnect's families are seen.
 * @throws WeConnectError CONFIG_INVALID (the address is none, nobody answers there, the user is refused): says which variable and what to do
 */
export const openEsdbEventStore = async (options: EsdbOptions): Promise<EventStore> => {
  const connection = openConnection(options.url, options.patienceMs)
  try {
    return await storeOver(connection, await connection.once(nameOf), options)
  } catch (error) {
    await connection.close().catch(() => undefined)
    throw startError(options.url, error)
  }
}

const storeOver = async (connection: EsdbConnection, logId: string, options: EsdbOptions): Promise<EventStore> => {
  const { workOf } = options
  const reader = esdbReader(connection, logId, families)
  let appended = await reader.headPlace()
  const tail = openTail(connection, logId, [...families], appended)
  const subscribe = esdbFollowers(logId, reader, tail, () => Math.max(appended, tail.to()))
  let work: Promise<FoldedWork> | undefined
  const inPlace = atMost(appendsAtATime)

  return {
    logId,
    append: async (stream, expected, events): Promise<Appended> => {
      checkSize(events)
      const data = events.map(eventData)
      const expectedRevision = wireRevision(expected)
      const { nextExpectedRevision, position } = await connection.use((client, { signal, left }) =>
        inPlace(() => {
          // Nobody is told any more what came of it, so it is not sent; and what was sent, the event store does not begin after the deadline.
          signal.throwIfAborted()
          return client.appendToStream(stream, data, { expectedRevision, deadline: left() })
        }),
      )
      const place = Number(position?.prepare ?? 0)
      appended = Math.max(appended, place)
      return { revision: Number(nextExpectedRevision), position: reader.position(place) }
    },
    read: reader.read,
    readAll: reader.readAll,
    head: async () => {
      const place = await reader.headPlace()
      return place === 0 ? undefined : reader.position(place)
    },
    subscribe,
    // Folded when somebody asks: not every process does.
    openWork: async () => {
      if (!workOf) return []
      work ??= openFoldedWork({ ...options, workOf, logId, reader, subscribe }).catch((error: unknown) => {
        work = undefined
        throw error
      })
      return (await work).rows()
    },
    close: async () => {
      await tail.close()
      await (await work)?.close()
      await connection.close()
    },
  }
}
