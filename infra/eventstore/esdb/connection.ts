import { setTimeout as wait } from 'node:timers/promises'
import {
  AccessDeniedError,
  CancelledError,
  DeadlineExceededError,
  EventStoreDBClient,
  MaxAppendSizeExceededError,
  NotLeaderError,
  TimeoutError,
  UnavailableError,
  WrongExpectedVersionError,
} from '@eventstore/db-client'
import { status } from '@grpc/grpc-js'
import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'

const variable = 'EVENTSTORE_URL'

/** The address without credentials, for messages. */
const shownUrl = (url: string): string => url.replace(/\/\/[^@/]*@/, '//***@')

/** Newer addresses name the same protocol by the database's newer name. */
const normalised = (url: string): string => url.replace(/^(kurrentdb|kurrent|kdb)(\+discover)?:/, 'esdb$2:')

const makeClient = (url: string): EventStoreDBClient => {
  try {
    return EventStoreDBClient.connectionString(normalised(url))
  } catch (error) {
    throw new WeConnectError(
      'CONFIG_INVALID',
      `${variable} is no address of an event store: "${shownUrl(url)}". Write it as esdb://HOST:PORT?tls=false, or esdb://USER:PASSWORD@HOST:PORT with TLS.`,
      { cause: error },
    )
  }
}

/** What the client hands on as it came from gRPC, when no connection could be made at all. */
const isBareLoss = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === status.UNAVAILABLE || error.code === status.CANCELLED)

const isLost = (error: unknown): boolean =>
  isBareLoss(error) ||
  error instanceof UnavailableError ||
  error instanceof CancelledError ||
  error instanceof NotLeaderError ||
  (error instanceof Error && /discover|ECONNREFUSED|write after end/i.test(error.message))

/** What an error of the client means to the caller. */
export const esdbError = (error: unknown): WeConnectError => {
  if (isWeConnectError(error)) return error
  if (error instanceof WrongExpectedVersionError) {
    const { streamName, actualVersion, expectedVersion } = error
    const message = `${streamName} is at revision ${actualVersion}, the append expected ${expectedVersion}`
    return new WeConnectError('REVISION_CONFLICT', message, { cause: error })
  }
  if (error instanceof MaxAppendSizeExceededError)
    return new WeConnectError('APPEND_TOO_LARGE', `The event store takes at most ${error.maxAppendSize} bytes at a time`, { cause: error })
  if (error instanceof AccessDeniedError)
    return new WeConnectError('STORAGE_FAILED', `The event store refuses this user: check the credentials in ${variable}`, { cause: error })
  if (isLost(error) || error instanceof DeadlineExceededError || error instanceof TimeoutError)
    return new WeConnectError('UNAVAILABLE', 'The event store does not answer. Try again.', { cause: error })
  return new WeConnectError('STORAGE_FAILED', 'The event store could not do what was asked', { cause: error })
}

const pausesMs = [50, 200, 500]
/** When the client itself does not notice that nobody answers any more. */
const defaultPatienceMs = 15_000

/** One call, for as long as somebody waits for it. */
export interface Attempt {
  /** Aborted when nobody does any more: what goes on at the event store is to be ended there. */
  readonly signal: AbortSignal
  /** Milliseconds that are left; at least 1. */
  left(): number
}

type Work<Result> = (client: EventStoreDBClient, attempt: Attempt) => Promise<Result>

const inTime = async <Result>(patienceMs: number, work: (attempt: Attempt) => Promise<Result>): Promise<Result> => {
  const until = performance.now() + patienceMs
  const given = new AbortController()
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    given.abort()
    late.reject(new WeConnectError('UNAVAILABLE', 'The event store does not answer. Try again.'))
  }, patienceMs)
  try {
    return await Promise.race([work({ signal: given.signal, left: () => Math.max(1, until - performance.now()) }), late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * A connection that is made anew when it is lost: the client's own keeps waiting longer and longer before it tries again.
 * @param patienceMs milliseconds after which a call that has no answer is given up, here and at the event store
 * @throws WeConnectError CONFIG_INVALID when the address is none
 */
export const openConnection = (url: string, patienceMs = defaultPatienceMs) => {
  let client = makeClient(url)
  let closed = false

  const renew = (failed: EventStoreDBClient): void => {
    if (failed !== client || closed) return
    client = makeClient(url)
    failed.dispose().catch(() => undefined)
  }

  const attempt = async <Result>(work: Work<Result>): Promise<Result> => {
    if (closed) throw new WeConnectError('UNAVAILABLE', 'The event log is closed')
    const used = client
    try {
      const result = await inTime(patienceMs, (one) => work(used, one))
      // A client that was given up meanwhile ended its reads where they were, as if there were no more.
      if (used === client && !closed) return result
    } catch (error) {
      if (isLost(error)) renew(used)
      throw esdbError(error)
    }
    throw new WeConnectError('UNAVAILABLE', 'The connection to the event store was lost. Try again.')
  }

  return {
    /** For subscriptions, which tell by themselves when they end. */
    client: () => client,
    lost: renew,
    isClosed: () => closed,
    once: attempt,
    /** Tries again for a moment when the connection is lost: what is repeated must be safe to repeat. */
    use: async <Result>(work: Work<Result>): Promise<Result> => {
      for (const pauseMs of pausesMs) {
        try {
          return await attempt(work)
        } catch (error) {
          if (!isWeConnectError(error, 'UNAVAILABLE') || closed) throw error
          await wait(pauseMs)
        }
      }
      return attempt(work)
    },
    close: async (): Promise<void> => {
      closed = true
      await client.dispose()
    },
  }
}
export type Connection = ReturnType<typeof openConnection>

const causeOf = (error: WeConnectError): string => {
  const { cause } = error
  return cause instanceof Error && cause.message !== '' ? cause.message.slice(0, 200) : error.message
}

/** The same for the moment of opening: which variable, what failed, what to do. */
export const startError = (url: string, error: unknown): WeConnectError => {
  const known = esdbError(error)
  if (known.code === 'CONFIG_INVALID') return known
  const where = `${variable} (${shownUrl(url)})`
  if (known.cause instanceof AccessDeniedError) {
    return new WeConnectError(
      'CONFIG_INVALID',
      `${where}: the event store refuses this user. Put the right user and password into the address.`,
      {
        cause: known,
      },
    )
  }
  return new WeConnectError(
    'CONFIG_INVALID',
    `${where}: the event store cannot be used: ${causeOf(known)}. Start it there (./weconnect eventstore serve, or KurrentDB), check whether it uses TLS (?tls=false when it does not), or unset ${variable} to use the embedded log.`,
    { cause: known },
  )
}
