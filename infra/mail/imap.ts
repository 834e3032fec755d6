import { once } from 'node:events'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { ReceivedMail } from '@weconnect/contracts/mail'
import { type AddressGuardOptions, addressGuard } from '@weconnect/http/address-guard'
import { ImapFlow, type SearchObject } from 'imapflow'
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser'

export interface MailboxSource {
  /** The fields of an `imap` credential. */
  readonly settings: JsonObject
  readonly mailbox: string
  /** Search keys that stand alone: UNSEEN, FLAGGED ... */
  readonly search: readonly string[]
  readonly markSeen: boolean
}

export interface MailReader {
  /** Messages up to this UID were dealt with. @param uidValidity with another one, UIDs are those of other messages */
  seenUntil(uidValidity: string): number
  /** The message is dealt with for good when it resolves; it is marked as seen only then. */
  take(mail: ReceivedMail, uidValidity: string): Promise<void>
  /** Everything up to this UID was looked at. */
  lookedUntil(uid: number, uidValidity: string): Promise<void>
  ready(): void
}

/** Milliseconds after which it looks again although the server said nothing. */
const lookAgainMs = 30_000
const largestMail = 50 * 1024 * 1024

const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

/**
 * Reads a mailbox until `signal` aborts: what is there, then what comes.
 * @throws WeConnectError EGRESS_DENIED, EGRESS_FAILED (cannot sign in, no such mailbox, connection lost); what `take` throws
 */
export const openMailboxes =
  (options: AddressGuardOptions = {}) =>
  async (source: MailboxSource, reader: MailReader, signal: AbortSignal): Promise<void> => {
    const { settings, mailbox } = source
    const host = textOf(settings['host']).trim()
    try {
      const client = await connect(settings, host, options)
      const lost = once(client, 'close')
      client.on('error', () => undefined)
      const stop = (): void => client.close()
      signal.addEventListener('abort', stop, { once: true })
      try {
        await client.mailboxOpen(mailbox)
        reader.ready()
        while (!signal.aborted && client.usable) {
          const news = once(client, 'exists')
          await look(client, source, reader)
          await Promise.race([news, lost, sleep(lookAgainMs, signal)])
        }
      } finally {
        signal.removeEventListener('abort', stop)
        client.close()
      }
    } catch (error) {
      if (signal.aborted) return
      throw failure(host, error)
    }
    if (!signal.aborted) throw failure(host, new Error('the connection was lost'))
  }

const connect = async (settings: JsonObject, host: string, options: AddressGuardOptions): Promise<ImapFlow> => {
  const secure = settings['secure'] !== false
  const port = Number(settings['port']) || (secure ? 993 : 143)
  const [address = host] = await addressGuard(options)(host, port)
  const client = new ImapFlow({
    ...{ host: address, servername: host, port, secure, logger: false },
    auth: { user: textOf(settings['user']), pass: textOf(settings['password']) },
    tls: { rejectUnauthorized: settings['allowUnauthorizedCerts'] !== true },
    autoIdleDelay: 200,
  })
  await client.connect()
  return client
}

const failure = (host: string, error: unknown): WeConnectError => {
  if (error instanceof WeConnectError) return error
  const { message, responseText } = error as { message?: string; responseText?: string }
  return new WeConnectError('EGRESS_FAILED', `The mailbox at ${host} cannot be read: ${responseText ?? message ?? error}`, { cause: error })
}

const look = async (client: ImapFlow, { search, markSeen }: MailboxSource, reader: MailReader): Promise<void> => {
  if (!client.mailbox) return
  const uidValidity = String(client.mailbox.uidValidity)
  const seen = reader.seenUntil(uidValidity)
  const found = (await client.search(searchOf(search, seen), { uid: true })) || []
  // "n:*" has at least the last message, also when that is older than n.
  const uids = found.filter((uid) => uid > seen).sort((a, b) => a - b)
  for (const uid of uids) {
    const message = await client.fetchOne(String(uid), { source: { maxLength: largestMail }, flags: true }, { uid: true })
    const { source, flags = [] } = message || { source: undefined }
    if (source) await reader.take(await readMail(uid, source, [...flags]), uidValidity)
    if (markSeen) await client.messageFlagsAdd(String(uid), ['\\Seen'], { uid: true })
    await reader.lookedUntil(uid, uidValidity)
  }
}

const searchOf = (keys: readonly string[], seen: number): SearchObject => {
  const flags = keys.flatMap((key) => {
    const wanted = !key.startsWith('UN')
    const name = key.replace(/^UN/, '').toLowerCase()
    return name === 'all' ? [] : [[name, wanted] as const]
  })
  return { ...Object.fromEntries(flags), uid: `${seen + 1}:*` }
}

const addressesOf = (addresses: AddressObject | AddressObject[] | undefined): JsonValue | undefined => {
  if (!addresses) return undefined
  const [first] = Array.isArray(addresses) ? addresses : [addresses]
  return first && { value: first.value.map(({ address, name }) => ({ address: address ?? '', name })), html: first.html, text: first.text }
}

const headersOf = ({ headerLines }: ParsedMail): Readonly<Record<string, string>> => {
  const headers: Record<string, string> = {}
  for (const { key, line } of headerLines) {
    if (['__proto__', 'constructor', 'prototype'].includes(key)) continue
    const value = line.slice(line.indexOf(':') + 1).trim()
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`
  }
  return headers
}

const readMail = async (uid: number, source: Buffer, flags: readonly string[]): Promise<ReceivedMail> => {
  const mail = await simpleParser(source, { skipImageLinks: true })
  const fields = {
    subject: mail.subject,
    date: mail.date?.toISOString(),
    messageId: mail.messageId,
    ...{ from: addressesOf(mail.from), to: addressesOf(mail.to), cc: addressesOf(mail.cc), replyTo: addressesOf(mail.replyTo) },
  }
  const { from, to, cc, subject } = mail
  const shown = { from: from?.text, to: textOfAddresses(to), cc: textOfAddresses(cc), subject }
  return {
    ...{ uid, flags, source: source.toString('base64') },
    headers: { ...headersOf(mail), ...(withoutAbsent(shown) as Readonly<Record<string, string>>) },
    fields: withoutAbsent(fields) as JsonObject,
    text: mail.text ?? '',
    html: mail.html || '',
    attachments: mail.attachments.map(({ filename = '', contentType, content, contentId, size }) => ({
      ...{ fileName: filename, mimeType: contentType, base64: content.toString('base64') },
      about: { size, ...(contentId !== undefined && { contentId }) },
    })),
  }
}

const textOfAddresses = (addresses: AddressObject | AddressObject[] | undefined): string | undefined =>
  addresses && (Array.isArray(addresses) ? addresses : [addresses]).map(({ text }) => text).join(', ')

const withoutAbsent = (values: object): object => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
