import { type ErrorCode, isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { FileAnswer, FileRequest, Files } from '@weconnect/contracts/files'
import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { MailAnswer, Mailer, MailMessage } from '@weconnect/contracts/mail'
import type { Egress } from '@weconnect/http/egress'
import { secretsOf } from './authenticated-egress.ts'
import { credentialHash, type EffectSite, effectKey, fileRequestHash, mailHash, requestHash } from './call-hash.ts'
import type { UsableCredential } from './credentials.ts'
import { redact, redactText } from './redact.ts'

/** One outbound call as it is recorded with the step. */
export type CallEntry = { readonly ordinal: number; readonly requestHash: string } & (
  | { readonly response: HttpResponse }
  | { readonly file: FileAnswer }
  | { readonly credential: UsedCredential }
  | { readonly mail: MailAnswer }
  | { readonly error: { readonly code: ErrorCode; readonly message: string } }
)

/** Which secrets a step worked with: with the revision a replay finds the same again. */
export interface UsedCredential {
  readonly id: string
  readonly revision: number
}

/** Credentials as one step may use them. */
export interface StepSecrets {
  /** @throws WeConnectError NODE_FAILED */
  use(type: string): Promise<UsableCredential>
  /** As it was at that revision. @throws WeConnectError NOT_FOUND, PAYLOAD_UNREADABLE */
  at(used: UsedCredential): Promise<UsableCredential>
}

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
  /** Sends a message with the node's credential of this type. @throws WeConnectError NODE_FAILED, EGRESS_DENIED, EGRESS_FAILED */
  mail(type: string, message: MailMessage): Promise<MailAnswer>
  /** The fields of a credential, for a node that needs them itself. They are never recorded. @throws WeConnectError NODE_FAILED */
  credential(type: string): Promise<JsonObject>
  /** Takes the secrets that were given out of a text or a value. */
  redact(value: JsonValue): JsonValue
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

type Answer =
  | { readonly response: HttpResponse }
  | { readonly file: FileAnswer }
  | { readonly credential: UsedCredential }
  | { readonly mail: MailAnswer }

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

const usedOf = (answer: Answer): UsedCredential => {
  if ('credential' in answer) return answer.credential
  throw new WeConnectError('NODE_FAILED', 'Replay: something else than a credential was used here when this was recorded')
}

const mailOf = (answer: Answer): MailAnswer => {
  if ('mail' in answer) return answer.mail
  throw new WeConnectError('EGRESS_FAILED', 'Replay: something else than a mail was sent here when this was recorded')
}

const noSecret = async (): Promise<never> => {
  throw new WeConnectError('NODE_FAILED', 'Nodes may not use credentials')
}
const noSecrets: StepSecrets = { use: noSecret, at: noSecret }

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
  secrets = noSecrets,
  mailer,
  site,
  recorded,
}: {
  readonly egress: Pick<Egress, 'request'>
  readonly files?: Files | undefined
  readonly secrets?: StepSecrets | undefined
  readonly mailer?: Mailer | undefined
  readonly site: EffectSite
  readonly recorded?: readonly CallEntry[] | undefined
}): JournalledCalls => {
  const entries: CallEntry[] = []
  const differences: CallDifference[] = []
  /** One use of each type, however many items ask for it. */
  const given = new Map<string, Promise<UsableCredential>>()
  let secretsGiven: readonly string[] = []
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
  const use = async (type: string): Promise<UsableCredential> => {
    const live: UsableCredential[] = []
    const used = usedOf(
      await call(credentialHash(type), `credential of type ${type}`, async () => {
        const credential = await secrets.use(type)
        live.push(credential)
        return { credential: { id: credential.credentialId, revision: credential.revision } }
      }),
    )
    const credential = live[0] ?? (await secrets.at(used))
    secretsGiven = [...new Set([...secretsGiven, ...secretsOf(credential)])].sort((a, b) => b.length - a.length)
    return credential
  }
  const useOnce = (type: string): Promise<UsableCredential> => {
    const known = given.get(type)
    if (known) return known
    const credential = use(type)
    given.set(type, credential)
    return credential
  }
  const sendMail = async (type: string, message: MailMessage, ordinal: number): Promise<Answer> => {
    if (mailer === undefined) throw new WeConnectError('EGRESS_DENIED', 'Nodes may not send mail')
    const credential = await secrets.use(type)
    secretsGiven = [...new Set([...secretsGiven, ...secretsOf(credential)])].sort((a, b) => b.length - a.length)
    const texts = secretsGiven
    try {
      const answer = await mailer.send(credential.data, message, effectKey(site, ordinal))
      return { mail: redact(answer as unknown as JsonValue, texts) as unknown as MailAnswer }
    } catch (error) {
      throw isWeConnectError(error) ? new WeConnectError(error.code, redactText(error.message, texts)) : error
    }
  }
  return {
    mail: async (type, message) => mailOf(await call(mailHash(type, message), 'a mail', (ordinal) => sendMail(type, message, ordinal))),
    credential: async (type) => (await useOnce(type)).data,
    redact: (value) => redact(value, secretsGiven),
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
