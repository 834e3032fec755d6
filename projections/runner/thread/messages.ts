import type { KeptWhere } from '@weconnect/blobs/kept'
import type { ErrorCode } from '@weconnect/contracts/errors'
import type { KafkaSettings } from '@weconnect/kafka/connect'
import type { Connection } from '@weconnect/postgres/pool'
import type { StoreSettings } from '../../stores.ts'
import type { ProjectionStatus, RebuildProgress } from '../face.ts'
import type { StatusChange } from '../runner.ts'
import type { Progress } from '../waiters.ts'

/** What the projector thread is started with. */
export interface ProjectorSettings {
  /** Folder of the event log, which is read only. */
  readonly dataFolder: string
  /** Another log to read instead of the folder's. */
  readonly eventStoreUrl?: string
  /** Where keys and large payloads are. */
  readonly kept: KeptWhere
  /** The embedded server's socket, or a postgres:// URL. */
  readonly database: Connection | string
  /** Topics from which PostgreSQL's read models are fed in place of the log. */
  readonly topics?: KafkaSettings | undefined
  /** Servers that keep read models in place of PostgreSQL. */
  readonly stores?: StoreSettings
}

export type ToProjector =
  | { readonly kind: 'status'; readonly id: number }
  | { readonly kind: 'rebuild'; readonly id: number; readonly name: string }
  | { readonly kind: 'retry'; readonly id: number; readonly name: string }
  | { readonly kind: 'close'; readonly id: number }
  /** Someone waits for this position: look for it now. */
  | { readonly kind: 'wanted'; readonly position: string }

export type FromProjector =
  | { readonly kind: 'moved'; readonly progress: readonly Progress[] }
  | { readonly kind: 'changed'; readonly change: StatusChange }
  | { readonly kind: 'rebuilding'; readonly id: number; readonly progress: RebuildProgress }
  | { readonly kind: 'answer'; readonly id: number; readonly value: readonly ProjectionStatus[] | RebuildProgress | null }
  | { readonly kind: 'refusal'; readonly id: number; readonly code: ErrorCode; readonly message: string }
