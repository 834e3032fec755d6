import type { JsonObject, JsonValue } from './json.ts'

/** A message as nodes make it. Addresses are lists as people write them: `Ada <ada@example.org>, bob@example.org`. */
export interface MailMessage {
  readonly from: string
  readonly to: string
  readonly cc?: string
  readonly bcc?: string
  readonly replyTo?: string
  readonly subject: string
  readonly text?: string
  readonly html?: string
  readonly attachments: readonly { readonly fileName: string; readonly mimeType: string; readonly base64: string }[]
  readonly allowUnauthorizedCerts?: boolean
}

/** What the server said to a message that it took. */
export interface MailAnswer {
  readonly messageId: string
  readonly accepted: readonly string[]
  readonly rejected: readonly string[]
  readonly response: string
  readonly envelope: { readonly from: string; readonly to: readonly string[] }
}

export interface Mailer {
  /**
   * @param settings the fields of an `smtp` credential
   * @param key the same for the same message: receivers recognise a repetition by the Message-ID that is made of it
   * @throws WeConnectError EGRESS_DENIED (local or private address), EGRESS_FAILED
   */
  send(settings: JsonObject, message: MailMessage, key: string): Promise<MailAnswer>
  /** Signs in and out. @throws WeConnectError EGRESS_DENIED, EGRESS_FAILED */
  verify(settings: JsonObject): Promise<void>
}

/** A message of a mailbox, taken apart. */
export interface ReceivedMail {
  readonly uid: number
  readonly flags: readonly string[]
  /** The message as it came, base64. */
  readonly source: string
  /** Lower-case names; values as they came, decoded. */
  readonly headers: Readonly<Record<string, string>>
  /** `{subject, date, messageId, from: {value: [{address, name}], text, html}, to, cc ...}` */
  readonly fields: JsonObject
  readonly text: string
  readonly html: string
  readonly attachments: readonly {
    readonly fileName: string
    readonly mimeType: string
    readonly base64: string
    readonly about: JsonValue
  }[]
}
