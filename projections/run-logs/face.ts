import type { StepInput } from '@weconnect/contracts/events/types'
import type { JsonValue } from '@weconnect/contracts/json'
import type { Page, PageArgs } from '../paging/page.ts'

/** What happened in an execution, an entry per event. Payloads over 16 KiB are `{"$ref": {stream, revision, field}, bytes}`. */
export interface RunLogEntry {
  readonly revision: number
  /** ISO 8601. */
  readonly time: string
  /** Type of the event. */
  readonly event: string
  readonly step?: number
  readonly nodeId?: string
  readonly nodeName?: string
  readonly nodeType?: string
  readonly runIndex?: number
  readonly attempt?: number
  /** ISO 8601: when the step began; `time` is when it was recorded. */
  readonly startedAt?: string
  readonly durationMs?: number
  readonly inputs?: JsonValue
  readonly outputCounts?: readonly number[]
  readonly cacheHit?: boolean
  readonly code?: string
  /** Packed: see contracts/items.ts. */
  readonly outputs?: JsonValue
  readonly error?: JsonValue
  /** Lines that the node logged: [{level, time, message}]. */
  readonly logs?: JsonValue
  /** Further fields of the event, under their names there. */
  readonly [field: string]: JsonValue | undefined
}

/** Events in one part of a document. */
export const eventsPerPart = 200

export interface StepRow {
  /** `{execution id}:{step}` */
  readonly id: string
  readonly executionId: string
  readonly step: number
  readonly nodeId: string
  readonly nodeName: string
  readonly nodeType: string
  readonly runIndex: number
  readonly status: 'running' | 'completed' | 'failed' | 'retrying' | 'waiting' | 'incident'
  /** Where its items came from. */
  readonly inputData: readonly StepInput[]
  /** As recorded: packed, see contracts/items.ts. */
  readonly outputData: JsonValue
  readonly outputCounts: readonly number[] | null
  readonly errorData: JsonValue
  readonly errorCode: string | null
  readonly retryCount: number
  readonly cacheHit: boolean
  readonly performanceMetrics: JsonValue
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly durationMs: number | null
}

export interface StepFilter {
  readonly executionId: string
  readonly nodeId?: string | undefined
  readonly status?: readonly StepRow['status'][] | undefined
}

/** What is asked of the run logs, whichever store keeps them. */
export interface RunLogs {
  /**
   * Entries of one execution's run log, by revision.
   * @param args.fromRevision first revision wanted, 0 unless given
   * @param args.limit parts of 200 events to read, 5 unless given
   */
  entries(args: {
    readonly organisationId: string
    readonly executionId: string
    readonly fromRevision?: number | undefined
    readonly limit?: number | undefined
  }): Promise<{ readonly entries: readonly RunLogEntry[]; readonly hasMore: boolean }>
  /** Steps of one execution, in order. */
  steps(args: PageArgs & { readonly organisationId: string; readonly filter: StepFilter }): Promise<Page<StepRow>>
}
