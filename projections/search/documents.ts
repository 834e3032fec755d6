import { hash } from 'node:crypto'
import type { Envelope } from '@weconnect/contracts/envelope'
import type { SearchDocument } from '@weconnect/search/port'
import type { FindFacts } from '../runner/stores/store.ts'
import type { PendingRow, PendingTable } from '../runner/tables/rows.ts'
import { pendingRows } from '../runner/tables/rows.ts'
import { camelCase } from '../runner/tables/table.ts'
import type { SearchKind } from './face.ts'
import { searchIndex } from './projection.ts'

/** A row of search_documents as a document of MeiliSearch, which compares text in its own way: without the folded columns. */
export interface StoredDocument {
  /** See keyOf. */
  readonly key: string
  readonly kind: SearchKind
  readonly id: string
  readonly organizationId: string
  readonly workflowId: string
  readonly title: string
  readonly body: string
  readonly keywords: string
  /** Absent: true. */
  readonly visible?: boolean
  readonly updatedAt: string
}

const compared: ReadonlySet<string> = new Set(['folded_title', 'folded_body'])

/** Keys are letters, digits, `-` and `_`; ids of imported nodes may be anything. */
export const keyOf = (kind: string, id: string): string => `${kind}-${hash('sha256', id).slice(0, 40)}`

/** What the handlers of the search projection make of events: documents to go, and fields to set, at most one document for a key. */
export const changesOf = (
  events: readonly Envelope[],
  factsOf: FindFacts,
): { readonly removed: readonly string[]; readonly put: readonly SearchDocument[] } => {
  const rows = pendingRows(searchIndex.tables)
  const handlers = searchIndex.on as Readonly<Record<string, ((event: Envelope, to: typeof rows, facts: unknown) => void) | undefined>>
  for (const event of events) handlers[event.type]?.(event, rows, factsOf(event.stream))
  const changed = rows.tables.flatMap((table) =>
    [...table.rows.values()].map((row) => ({ verb: row.verb, document: documentOf(table, row) })),
  )
  return {
    removed: changed.filter(({ verb }) => verb === 'remove' || verb === 'replace').map(({ document }) => String(document['key'])),
    put: changed.filter(({ verb }) => verb !== 'remove').map(({ document }) => document),
  }
}

const documentOf = ({ names }: PendingTable, { mask, values }: PendingRow): SearchDocument => {
  const fields = names.flatMap((name, ordinal) =>
    mask & (1 << ordinal) && !compared.has(name) ? [[camelCase(name), values[ordinal]] as const] : [],
  )
  const document = Object.fromEntries(fields) as Record<string, string>
  return { key: keyOf(document['kind'] ?? '', document['id'] ?? ''), ...document }
}
