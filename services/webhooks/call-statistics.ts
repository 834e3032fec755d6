import { errorCodes, isWeConnectError } from '@weconnect/contracts/errors'
import type { WebhookCallsCounted } from '@weconnect/contracts/events/webhook'
import type { After } from './receive/receive-body.ts'

type Counted = WebhookCallsCounted['data']

/** Milliseconds in which what is counted is written down: one event for each webhook, however many calls were refused. */
const writeAfterMs = 5_000

export interface CallStatistics {
  /** The same delivery again. */
  repeated(webhookId: string, organisationId: string): void
  /** A call that nothing was made of. */
  refused(webhookId: string, organisationId: string, error: unknown): void
  /** Writes what is left. */
  close(): Promise<void>
}

export interface CallStatisticsOptions {
  readonly write: (webhookId: string, organisationId: string, counted: Counted) => Promise<void>
  readonly after: After
  readonly onError: (error: unknown) => void
}

interface Tally {
  readonly organisationId: string
  duplicates: number
  readonly refused: Record<string, number>
}

/**
 * Counts what leaves no execution behind. Accepted calls are counted from the log; these would else leave no trace. What was counted in the last seconds
 * before a crash is lost.
 */
export const openCallStatistics = ({ write, after, onError }: CallStatisticsOptions): CallStatistics => {
  let tallies = new Map<string, Tally>()
  let cancel: (() => void) | undefined
  let writing: Promise<unknown> = Promise.resolve()

  const flush = (): Promise<unknown> => {
    cancel?.()
    cancel = undefined
    const counted = tallies
    tallies = new Map()
    const written = [...counted].map(([webhookId, { organisationId, ...tally }]) => write(webhookId, organisationId, tally).catch(onError))
    writing = Promise.all([writing, ...written])
    return writing
  }
  const tallyOf = (webhookId: string, organisationId: string): Tally => {
    cancel ??= after(writeAfterMs, () => void flush())
    const tally = tallies.get(webhookId) ?? { organisationId, duplicates: 0, refused: {} }
    tallies.set(webhookId, tally)
    return tally
  }

  return {
    repeated: (webhookId, organisationId) => {
      tallyOf(webhookId, organisationId).duplicates += 1
    },
    refused: (webhookId, organisationId, error) => {
      const code = isWeConnectError(error) && errorCodes[error.code].status < 500 ? error.code : 'INTERNAL'
      const { refused } = tallyOf(webhookId, organisationId)
      refused[code] = (refused[code] ?? 0) + 1
    },
    close: async () => void (await flush()),
  }
}
