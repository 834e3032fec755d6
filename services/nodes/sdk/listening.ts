import type { HttpRequest, HttpResponse } from '@weconnect/contracts/http'
import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { ReceivedMail } from '@weconnect/contracts/mail'
import type { ScheduleRule } from '../calendar/rules.ts'

/** What a trigger looks at by itself, while its workflow is active. */
export type ListenDescription =
  | {
      readonly kind: 'poll'
      /** When it looks; also as soon as it begins. */
      readonly rules: readonly ScheduleRule[]
      /** What it looks at: with another one, what was seen before says nothing. */
      readonly source: JsonObject
    }
  | KafkaListening
  | MailListening

export interface KafkaListening {
  readonly kind: 'kafka'
  readonly topic: string
  readonly groupId: string
  /** Where a group begins that was never there: at the first message, or behind the last. */
  readonly from: 'first' | 'last'
  readonly sessionTimeoutMs: number
  readonly maxBytes: number
}

export interface MailListening {
  readonly kind: 'mail'
  readonly mailbox: string
  /** IMAP search keys without values, such as UNSEEN. */
  readonly search: readonly string[]
  readonly markSeen: boolean
}

/** One message of a topic. */
export interface ReceivedRecord {
  readonly topic: string
  readonly partition: number
  /** A whole number as text. */
  readonly offset: string
  /** ISO 8601. */
  readonly timestamp: string
  /** UTF-8 text; bytes that are none are replaced. */
  readonly key: string | null
  readonly value: string
  readonly headers: Readonly<Record<string, string>>
}

export type Received = { readonly kind: 'kafka'; readonly record: ReceivedRecord } | { readonly kind: 'mail'; readonly mail: ReceivedMail }

/** What a node may do while it looks for something new. */
export interface PollContext {
  /** With their expressions evaluated, as at the activation. */
  readonly parameters: JsonObject
  readonly typeVersion: number
  /** What the last poll gave; undefined at the first: what is there then is not new. */
  readonly cursor: JsonValue | undefined
  /** Through the egress client; only requests that change nothing belong here. */
  http(request: HttpRequest): Promise<HttpResponse>
  readonly signal: AbortSignal
}

export interface PollResult {
  readonly items: readonly Item[]
  readonly cursor: JsonValue
}
