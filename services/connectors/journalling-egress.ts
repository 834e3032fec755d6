import { type ErrorCode, isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { FileAnswer, FileRequest, Files } from '@weconnect/contracts/files'
import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import type { JsonValue } from '@weconnect/contracts/json'
import type { Egress } from '@weconnect/http/egress'
import { type EffectSite, effectKey, fileRequestHash, requestHash } from './call-hash.ts'

/** One outbound call as it is recorded with the step. */
export type CallEntry = { readonly ordinal: number; readonly requestHash: string } & (
  | { readonly response: HttpResponse }
  | { readonly file: FileAnswer }
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
  /** @throws WeConnectError FILE_DENIED, FILE_FAILED */
  file(request: FileRequest): Promise<FileAnswer>
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

type Answer = { readonly response: HttpResponse } | { readonly file: FileAnswer }

const answerOf = (entry: CallEntry): Answer => {
  if ('error' in entry) throw new WeConnectError(entry.error.code, entry.error.message)
  return entry
}
const responseOf = (answer: Answer): HttpResponse => {
  if ('response' in answer) return answer.response
  throw new WeConnectError('EGRESS_FAILED', 'Replay: a file was used here when this was recorded')
}
const fileOf = (answer: Answer): FileAnswer => {
  if ('file' in answer) return answer.file
  throw new WeConnectError('FILE_FAILED', 'Replay: a request was sent here when this was recorded')
}

const noFiles: Files = {
  perform: async () => {
    throw new WeConnectError('FILE_DENIED', 'Nodes may not use files')
  },
}

/**
 * The way out for one try of one step: records every call and, given a record, answers from it and sends nothing.
 * @param recorded the journal of the step that is replayed
 */
export const journallingEgress = ({
  egress,
  files = noFiles,
  site,
  recorded,
}: {
  readonly egress: Pick<Egress, 'request'>
  readonly files?: Files | undefined
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
  const send = async (call: Pick<CallEntry, 'ordinal' | 'requestHash'>, make: () => Promise<Answer>): Promise<Answer> => {
    try {
      return answerOf(keep({ ...call, ...(await make()) }))
    } catch (error) {
      if (isWeConnectError(error)) keep({ ...call, error: { code: error.code, message: error.message } })
      throw error
    }
  }
  const replay = ({ ordinal, requestHash: hash }: Pick<CallEntry, 'ordinal' | 'requestHash'>, what: string): Answer => {
    const entry = recorded?.find((call) => call.ordinal === ordinal)
    if (entry === undefined) {
      differences.push({ ordinal, problem: 'notRecorded' })
      throw new WeConnectError('EGRESS_FAILED', `Replay: call ${ordinal} (${what}) was not made when this was recorded`)
    }
    if (entry.requestHash !== hash) differences.push({ ordinal, problem: 'differentRequest' })
    return answerOf(keep({ ...entry, requestHash: hash }))
  }
  const call = async (hash: string, what: string, make: (ordinal: number) => Promise<Answer>): Promise<Answer> => {
    const entry = { ordinal: calls++, requestHash: hash }
    return recorded === undefined ? send(entry, () => make(entry.ordinal)) : replay(entry, what)
  }
  return {
    request: async (request, signal) =>
      responseOf(
        await call(requestHash(request), `${request.method} ${request.url}`, async (ordinal) => ({
          response: await egress.request(withEffectKey(request, effectKey(site, ordinal)), signal),
        })),
      ),
    file: async (request) =>
      fileOf(await call(fileRequestHash(request), `${request.kind} of a file`, async () => ({ file: await files.perform(request) }))),
    journal: () => (calls === 0 ? undefined : (entries.filter(Boolean) as unknown as JsonValue)),
    differences: () => differences,
  }
}
