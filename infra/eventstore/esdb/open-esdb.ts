import { randomInt, randomUUID } from 'node:crypto'
import { type AppendExpectedRevision, type EventStoreDBClient, jsonEvent, WrongExpectedVersionError } from '@eventstore/db-client'
import { WeConnectError } from '@weconnect/contracts/errors'
import { eventCatalogue } from '@weconnect/contracts/events/catalogue'
import { appendBytes } from '../append-frame.ts'
import { type Appended, type EventBytes, type EventStore, type ExpectedRevision, maxAppendBytes, type WorkOf } from '../port.ts'
import { parsePosition } from '../position.ts'
import { atMost } from './at-most.ts'
import { type Connection, openConnection, startError } from './connection.ts'
import { eventData } from './event-form.ts'
import { esdbFollowers } from './follow.ts'
import { openWorkFile } from './open-work.ts'
import { esdbReader } from './reader.ts'
import { openTail } from './tail.ts'

export interface EsdbOptions {
  /** esdb://, esdb+discover:// or kurrentdb://, as the official clients read it. */
  readonly url: string
  /** What appends do to the rows that openWork answers; asked for each append, or, where the event store does not tell where appends end, for each event. Absent = there are none. */
  readonly workOf?: WorkOf
  /** Keeps the rows of openWork between two runs. */
  readonly folder?: string
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
  const connection = openConnection(options.url)
  try {
    return await storeOver(connection, await connection.once(nameOf), options)
  } catch (error) {
    await connection.close().catch(() => undefined)
    throw startError(options.url, error)
  }
}

const storeOver = async (connection: Connection, logId: string, { workOf, folder }: EsdbOptions): Promise<EventStore> => {
  const reader = esdbReader(connection, logId, families)
  let appended = await reader.headPlace()
  const tail = openTail(connection, logId, [...families], appended)
  const subscribe = esdbFollowers(logId, reader, tail, () => Math.max(appended, tail.to()))
  let work: ReturnType<typeof foldedWork> | undefined
  const inPlace = atMost(appendsAtATime)

  function foldedWork(of: WorkOf) {
    const file = openWorkFile(folder, logId, of)
    const stop = new AbortController()
    let folded = file.position === undefined ? 0 : parsePosition(logId, file.position)
    let failure: unknown
    let moved = Promise.withResolvers<void>()
    const fold = async (): Promise<void> => {
      for await (const events of subscribe({ after: file.position ?? 'start', signal: stop.signal })) {
        file.fold(events)
        folded = parsePosition(logId, events.at(-1)?.position ?? '')
        moved.resolve()
        moved = Promise.withResolvers()
      }
    }
    const folding = fold().catch((error: unknown) => {
      failure = error
      moved.resolve()
    })
    return {
      rows: async () => {
        const head = await reader.headPlace()
        while (folded < head && failure === undefined) await moved.promise
        if (failure !== undefined) throw failure
        return file.rows()
      },
      close: async (): Promise<void> => {
        stop.abort()
        await folding
        file.close()
      },
    }
  }

  return {
    logId,
    append: async (stream, expected, events): Promise<Appended> => {
      checkSize(events)
      const data = events.map(eventData)
      const { nextExpectedRevision, position } = await connection.use((client) =>
        inPlace(() => client.appendToStream(stream, data, { expectedRevision: wireRevision(expected) })),
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
      work ??= foldedWork(workOf)
      return work.rows()
    },
    close: async () => {
      await tail.close()
      await work?.close()
      await connection.close()
    },
  }
}
