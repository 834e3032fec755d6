import type { JsonValue } from '@weconnect/contracts/json'
import type { Sql } from '@weconnect/postgres/pool'
import { uuidOf } from '../paging/filter.ts'

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

/**
 * Entries of one execution's run log, by revision.
 * @param args.fromRevision first revision wanted, 0 unless given
 * @param args.limit parts of 200 events to read, 5 unless given
 */
export const runLog = async (
  sql: Sql,
  args: {
    readonly organisationId: string
    readonly executionId: string
    readonly fromRevision?: number | undefined
    readonly limit?: number | undefined
  },
): Promise<{ readonly entries: readonly RunLogEntry[]; readonly hasMore: boolean }> => {
  const from = args.fromRevision ?? 0
  const limit = args.limit ?? 5
  const parts = await sql.query<{ entries: readonly RunLogEntry[] }>(
    `select t.entries from run_logs t where t.organization_id = $1 and t.execution_id = $2 and t.part >= $3 order by t.part limit $4`,
    [args.organisationId, uuidOf(args.executionId), Math.floor(from / eventsPerPart), limit + 1],
  )
  const entries = parts.slice(0, limit).flatMap((part) => part.entries)
  return { entries: entries.filter((entry) => entry.revision >= from), hasMore: parts.length > limit }
}
