import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { FileAnswer, FileRequest, Files } from '@weconnect/contracts/files'
import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { MailAnswer, Mailer, MailMessage } from '@weconnect/contracts/mail'
import type { MemoryAnswer, MemoryRequest } from '@weconnect/contracts/memory'
import type { Egress } from '@weconnect/http/egress'
import { secretsOf } from './authenticated-egress.ts'
import { credentialHash, type EffectSite, effectKey, fileRequestHash, mailHash, memoryHash, requestHash } from './call-hash.ts'
import type { UsableCredential } from './credentials.ts'
import {
  type Answer,
  answerOf,
  type CallEntry,
  fileOf,
  mailOf,
  memoryOf,
  responseOf,
  type UsedCredential,
  usedOf,
} from './recorded-call.ts'
import { redact, redactText } from './redact.ts'
import { type Doubt, fileMayRepeat, inDoubt, isSafe, mayRepeat, withEffectKey } from './repeatable.ts'

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

/**
 * Which calls may be made. `all`; `judged`: of a try that was interrupted, those that may be made twice; `safe`: those that change nothing.
 */
export type AllowedCalls = 'all' | 'judged' | 'safe'

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
  /** Asks what was seen before, and has it remembered: answered once, so that it may always be asked again. @throws WeConnectError */
  remember(request: MemoryRequest, signal: AbortSignal): Promise<MemoryAnswer>
  /** Takes the secrets that were given out of a text or a value. */
  redact(value: JsonValue): JsonValue
  /** Entries in the order of the calls, for the step's event; undefined when there was none. */
  journal(): JsonValue | undefined
  /** The first call that was refused because it may have been made before; everything after it was refused as well. */
  doubt(): Doubt | undefined
  /** Where a replay called otherwise than was recorded. */
  differences(): readonly CallDifference[]
}

/** A query may hold what nobody should read. */
const withoutQuery = (url: string): string => url.split(/[?#]/, 1)[0] ?? ''

const noSecret = async (): Promise<never> => {
  throw new WeConnectError('NODE_FAILED', 'Nodes may not use credentials')
}
const noSecrets: StepSecrets = { use: noSecret, at: noSecret }

/** Answers the calls of one step. @param ordinal number of the question within the step */
export type StepMemory = (ordinal: number, request: MemoryRequest, signal: AbortSignal) => Promise<MemoryAnswer>

const noMemory: StepMemory = async () => {
  throw new WeConnectError('NODE_FAILED', 'Nodes may not remember')
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
  secrets = noSecrets,
  mailer,
  memory = noMemory,
  site,
  allow = 'all',
  recorded,
}: {
  readonly egress: Pick<Egress, 'request'>
  readonly files?: Files | undefined
  readonly secrets?: StepSecrets | undefined
  readonly mailer?: Mailer | undefined
  readonly memory?: StepMemory | undefined
  readonly site: EffectSite
  readonly allow?: AllowedCalls | undefined
  readonly recorded?: readonly CallEntry[] | undefined
}): JournalledCalls => {
  const entries: CallEntry[] = []
  const differences: CallDifference[] = []
  /** One use of each type, however many items ask for it. */
  const given = new Map<string, Promise<UsableCredential>>()
  let secretsGiven: readonly string[] = []
  let calls = 0
  let questions = 0
  let doubt: Doubt | undefined
  const requestsOf = new Map<number, number>()

  const countFor = (item: number): number => {
    const count = requestsOf.get(item) ?? 0
    requestsOf.set(item, count + 1)
    return count
  }
  const assertAllowed = (allowed: boolean, what: string, key?: string): void => {
    if (allowed && doubt === undefined) return
    doubt ??= { what, ordinal: calls, ...(key !== undefined && { effectKey: key }) }
    throw inDoubt(what)
  }
  const allows = ({ all, judged, safe }: { readonly [way in AllowedCalls]: boolean }): boolean => ({ all, judged, safe })[allow]
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
  const call = async (hash: string, what: string, make: () => Promise<Answer>): Promise<Answer> => {
    const entry = { ordinal: calls++, requestHash: hash }
    return recorded === undefined ? send(entry, make) : replay(entry, what)
  }
  /** The longest first: one may be a part of another. */
  const give = (credential: UsableCredential): void => {
    secretsGiven = [...new Set([...secretsGiven, ...secretsOf(credential)])].sort((a, b) => b.length - a.length)
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
    give(credential)
    return credential
  }
  const useOnce = (type: string): Promise<UsableCredential> => {
    const known = given.get(type)
    if (known) return known
    const credential = use(type)
    given.set(type, credential)
    return credential
  }
  const sendMail = async (type: string, message: MailMessage, key: string): Promise<Answer> => {
    if (mailer === undefined) throw new WeConnectError('EGRESS_DENIED', 'Nodes may not send mail')
    const credential = await secrets.use(type)
    give(credential)
    const texts = secretsGiven
    try {
      const answer = await mailer.send(credential.data, message, key)
      return { mail: redact(answer as unknown as JsonValue, texts) as unknown as MailAnswer }
    } catch (error) {
      throw isWeConnectError(error) ? new WeConnectError(error.code, redactText(error.message, texts)) : error
    }
  }
  return {
    mail: async (type, message) => {
      const key = effectKey(site, -1, countFor(-1))
      assertAllowed(allow === 'all', 'a mail', key)
      return mailOf(await call(mailHash(type, message), 'a mail', () => sendMail(type, message, key)))
    },
    credential: async (type) => (await useOnce(type)).data,
    redact: (value) => redact(value, secretsGiven),
    request: async (request, signal) => {
      const { item = -1, method, url } = request
      const key = effectKey(site, item, countFor(item))
      assertAllowed(allows({ all: true, judged: mayRepeat(request), safe: isSafe(method) }), `${method} ${withoutQuery(url)}`, key)
      return responseOf(
        await call(requestHash(request), `${method} ${url}`, async () => ({
          response: await egress.request(withEffectKey(request, key), signal),
        })),
      )
    },
    file: async (request) => {
      const what = `${request.kind} of a file`
      assertAllowed(allows({ all: true, judged: fileMayRepeat(request), safe: request.kind !== 'write' }), what)
      return fileOf(await call(fileRequestHash(request), what, async () => ({ file: await files.perform(request) })))
    },
    remember: async (request, signal) => {
      const question = questions++
      assertAllowed(allow !== 'safe', 'what is remembered')
      return memoryOf(await call(memoryHash(request), 'a memory', async () => ({ memory: await memory(question, request, signal) })))
    },
    doubt: () => doubt,
    journal: () => (calls === 0 ? undefined : (entries.filter(Boolean) as unknown as JsonValue)),
    differences: () => differences,
  }
}
