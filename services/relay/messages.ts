import type { ErrorCode } from '@weconnect/contracts/errors'
import type { KafkaSettings } from '@weconnect/kafka/connect'
import type { RelayStatus } from './face.ts'

/** What the thread is started with. */
export interface RelayThreadSettings {
  /** Folder of the event log, which is read only. */
  readonly dataFolder: string
  /** Another log to read instead of the folder's. */
  readonly eventStoreUrl?: string
  readonly kafka: KafkaSettings
  readonly relayId: string
  /** The thread failed and is started again. */
  readonly wasActive: boolean
}

export type ToRelay = { readonly kind: 'status'; readonly id: number } | { readonly kind: 'close'; readonly id: number }
export type FromRelay =
  | { readonly kind: 'started' }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'state'; readonly status: Pick<RelayStatus, 'state' | 'problem'> }
  | { readonly kind: 'answer'; readonly id: number; readonly status: RelayStatus | null }
