import { type ErrorCode, isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import type { JsonValue } from '@weconnect/contracts/json'
import type { Egress } from '@weconnect/http/egress'
import { type EffectSite, effectKey, requestHash } from './call-hash.ts'

/** One outbound call as it is recorded with the step. */
export type CallEntry = { readonly ordinal: number; readonly requestHash: string } & (
  | { readonly response: HttpResponse }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } }
)

export interface CallDifference {
  readonly ordinal: number
  readonly problem: 'differentRequest' | 'notRecorded'
}

/** Outbound calls of one try of one step. */
export interface JournalledCalls {
  /** @throws WeConnectError EGRESS_DENIED, EGRESS_FAILED */
  request(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse>
  /** Entries in the order of the calls, for the step's event; undefined when there was none. */
  journal(): JsonValue | undefined
  /** Where a replay called otherwise than was recorded. */
  differences(): readonly CallDifference[]
}

const isSafe = (method: string): boolean => ['GET', 'HEAD', 'OPTIONS'].includes(method.toUpperCase())

/** A server that knows the header does the effect once, however often we ask. */
const withEffectKey = (request: HttpRequest, key: string): HttpRequest => {
  const names = Object.keys(request.headers ?? {}).map((name) => name.toLowerCase())
  return isSafe(request.method) || names.includes('idempotency-key')
    ? request
    : { ...request, headers: { ...request.headers, 'Idempotency-Key': key } }
}

const answerOf = (entry: CallEntry): HttpResponse => {
  if ('error' in entry) throw new WeConnectError(entry.error.code, entry.error.message)
  return entry.response
}

/**
 * The way out for one try of one step: records every call and, given a record, answers from it and sends nothing.
 * @param recorded the journal of the step that is replayed
 */
export const journallingEgress = ({
  egress,
  site,
  recorded,
}: {
  readonly egress: Pick<Egress, 'request'>
  readonly site: EffectSite
  readonly recorded?: readonly CallEntry[] | undefined
}): JournalledCalls => {
  const entries: CallEntry[] = []
  const differences: CallDifference[] = []
  let calls = 0

  const keep = (entry: CallEntry): CallEntry => {
    entries[entry.ordinal] = entry
    return entry
  }
  const send = async (request: HttpRequest, ordinal: number, signal: AbortSignal | undefined): Promise<HttpResponse> => {
    const call = { ordinal, requestHash: requestHash(request) }
    try {
      const response = await egress.request(withEffectKey(request, effectKey(site, ordinal)), signal)
      return answerOf(keep({ ...call, response }))
    } catch (error) {
      if (isWeConnectError(error)) keep({ ...call, error: { code: error.code, message: error.message } })
      throw error
    }
  }
  const replay = (request: HttpRequest, ordinal: number): HttpResponse => {
    const hash = requestHash(request)
    const entry = recorded?.find((call) => call.ordinal === ordinal)
    if (entry === undefined) {
      differences.push({ ordinal, problem: 'notRecorded' })
      throw new WeConnectError(
        'EGRESS_FAILED',
        `Replay: call ${ordinal} (${request.method} ${request.url}) was not made when this was recorded`,
      )
    }
    if (entry.requestHash !== hash) differences.push({ ordinal, problem: 'differentRequest' })
    return answerOf(keep({ ...entry, requestHash: hash }))
  }
  return {
    request: async (request, signal) => {
      const ordinal = calls++
      return recorded === undefined ? send(request, ordinal, signal) : replay(request, ordinal)
    },
    journal: () => (calls === 0 ? undefined : (entries.filter(Boolean) as unknown as JsonValue)),
    differences: () => differences,
  }
}
