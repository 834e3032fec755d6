import { WeConnectError } from '@weconnect/contracts/errors'
import pg from 'pg'

/** Something that runs SQL: a pool, or one session of it. Values are PostgreSQL parameters ($1, $2 ...). */
export interface Sql {
  /** @throws WeConnectError UNAVAILABLE from a pool whose server is away; other errors of the server as they are */
  query<Row>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>
}

export interface Session extends Sql {
  /** A statement that is parsed and planned once per session. `values` may hold Buffers in PostgreSQL's binary form. */
  prepared<Row>(name: string, text: string, values: readonly unknown[]): Promise<readonly Row[]>
  /** Runs `copy ... from stdin`, and sends it the bytes. */
  copyIn(text: string, bytes: Buffer): Promise<void>
  /** @param broken closes it instead of handing it to the next user */
  release(broken?: boolean): void
}

export interface Pool extends Sql {
  /** A session of one's own until it is released. */
  session(): Promise<Session>
  close(): Promise<void>
}

/** Where a server listens on its unix socket. */
export interface Connection {
  /** Folder of the socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}

/**
 * Opens a pool. Times come back as ISO 8601 strings (UTC, milliseconds), bigint and numeric as numbers, jsonb as values.
 * @param target a connection of the embedded server, or a postgres:// URL
 * @param size sessions at most
 * @param options.onError told of sessions that broke while idle: the pool replaces them
 */
export const openPool = (target: Connection | string, size = 8, options: { onError?: (error: Error) => void } = {}): Pool => {
  const pool = new pg.Pool({
    ...(typeof target === 'string' ? { connectionString: target } : target),
    max: size,
    types: { getTypeParser },
    options: '-c TimeZone=UTC -c DateStyle=ISO -c jit=off',
  })
  pool.on('error', options.onError ?? (() => {}))
  return {
    query: async <Row>(text: string, values?: readonly unknown[]) => {
      try {
        return (await pool.query(text, values as unknown[])).rows as Row[]
      } catch (error) {
        throw isAway(error) ? new WeConnectError('UNAVAILABLE', awayMessage, { cause: error }) : error
      }
    },
    session: async () => sessionOf(await pool.connect()),
    close: () => pool.end(),
  }
}

const sessionOf = (client: pg.PoolClient): Session => {
  let broken = false
  const fail = () => {
    broken = true
  }
  // Without a listener, a server that goes away would end the process.
  client.on('error', fail)
  return {
    query: async <Row>(text: string, values?: readonly unknown[]) => (await client.query(text, values as unknown[])).rows as Row[],
    prepared: async <Row>(name: string, text: string, values: readonly unknown[]) =>
      (await client.query({ name, text, values: values as unknown[] })).rows as Row[],
    copyIn: (text, bytes) => copyIn(client, text, bytes),
    release: (asBroken = false) => {
      client.off('error', fail)
      client.release(broken || asBroken)
    },
  }
}

/** What pg calls while a query that it does not know itself runs. */
interface CopyIn {
  submit(connection: { query(text: string): void }): void
  handleCopyInResponse(connection: { sendCopyFromChunk(bytes: Buffer): void; endCopyFrom(): void }): void
  handleReadyForQuery(): void
  handleError(error: Error): void
  handleCommandComplete(): void
}

const copyIn = (client: pg.PoolClient, text: string, bytes: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    const query: CopyIn = {
      submit: (connection) => connection.query(text),
      handleCopyInResponse: (connection) => {
        connection.sendCopyFromChunk(bytes)
        connection.endCopyFrom()
      },
      handleReadyForQuery: resolve,
      handleError: reject,
      handleCommandComplete: () => {},
    }
    client.query(query as unknown as pg.Submittable)
  })

/** Begins, runs, commits; rolls back and throws on when `work` fails. */
export const inTransaction = async <Result>(session: Session, work: () => Promise<Result>): Promise<Result> => {
  await session.query('begin')
  try {
    const result = await work()
    await session.query('commit')
    return result
  } catch (error) {
    await session.query('rollback').catch(() => {})
    throw error
  }
}

/** SQLSTATE of an error of the server, undefined for any other (a lost connection, say). */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError && typeof error.code === 'string' ? error.code : undefined

const awayMessage = 'The database does not answer just now: try again in a moment'
/** It is shutting down, has crashed, is starting, or has no session left. */
const passingStates: ReadonlySet<string | undefined> = new Set(['57P01', '57P02', '57P03', '53300'])
const connectionCodes: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'ETIMEDOUT'])

const isAway = (error: unknown): boolean => {
  if (error instanceof pg.DatabaseError) return passingStates.has(error.code)
  if (!(error instanceof Error)) return false
  return connectionCodes.has((error as NodeJS.ErrnoException).code) || error.message.startsWith('Connection terminated')
}

const int8 = 20
const numeric = 1700
const timestamptz = 1184

const getTypeParser = ((oid: number, format?: 'text' | 'binary') => {
  if (oid === int8 || oid === numeric) return Number
  if (oid === timestamptz) return isoTime
  return pg.types.getTypeParser(oid, format as 'text')
}) as typeof pg.types.getTypeParser

/** `2026-11-23 08:18:55.1+00` as PostgreSQL writes it in UTC, to `2026-11-23T08:18:55.100Z`. */
const isoTime = (text: string): string => {
  const [seconds = '', fraction = ''] = text.slice(0, -3).split('.')
  return `${seconds.replace(' ', 'T')}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
}
