import type { JsonValue } from '@weconnect/contracts/json'
import type { NodeDefinition, NodePort, NodeProperty } from '@weconnect/contracts/node'
import type { Sql } from '@weconnect/postgres/pool'
import { containing, type Filter, visibleTo } from '../paging/filter.ts'
import { type Page, type PageArgs, page } from '../paging/page.ts'
import { selectionOf } from '../runner/tables/table.ts'
import { nodeRegistrations } from './tables.ts'

export interface NodeDefinitionRow {
  /** Its name: it is unique and never changes. */
  readonly id: string
  readonly name: string
  readonly displayName: string
  readonly description: string
  readonly category: NodeDefinition['category']
  readonly subcategory: string | null
  /** The newest. */
  readonly version: number
  readonly versions: readonly number[]
  readonly icon: string | null
  readonly color: string | null
  readonly properties: readonly NodeProperty[]
  readonly inputs: readonly NodePort[]
  readonly outputs: readonly NodePort[]
  readonly credentials: JsonValue
  readonly webhookMethods: readonly string[]
  readonly pollingConfig: JsonValue
  readonly rateLimits: JsonValue
  readonly documentationUrl: string | null
  readonly isTrigger: boolean
  readonly isWebhook: boolean
  readonly isPolling: boolean
  readonly effects: NodeDefinition['effects']
  readonly tags: readonly string[]
  readonly createdAt: string
  readonly updatedAt: string
}

export interface NodeDefinitionFilter {
  readonly category?: readonly string[] | undefined
  /** A part of name, display name or description. */
  readonly text?: string | undefined
  readonly isTrigger?: boolean | undefined
  readonly isWebhook?: boolean | undefined
  readonly isPolling?: boolean | undefined
  readonly tags?: readonly string[] | undefined
}

/** Node types an organisation may use: those of the product, and its own; by category, then display name. */
export const listNodeDefinitions = (
  sql: Sql,
  args: PageArgs & { readonly organisationId: string; readonly filter?: NodeDefinitionFilter | undefined },
): Promise<Page<NodeDefinitionRow>> =>
  page<NodeDefinitionRow>(
    sql,
    {
      select: definitionColumns,
      from: 'node_definitions t',
      filter: definitionFilter(args.organisationId, args.filter ?? {}),
      order: [
        { sql: 't.category', type: 'text' },
        { sql: 't.display_name', type: 'text' },
        { sql: 't.name', type: 'text' },
      ],
      direction: 'ascending',
    },
    args,
  )

const definitionColumns = `t.id, ${selectionOf(nodeRegistrations, 't', ['registration', 'organization_id', 'definition_hash'])}`

const definitionFilter = (organisationId: string, filter: NodeDefinitionFilter): Filter => {
  const part = containing(filter.text)
  return visibleTo(organisationId)
    .andIf('t.category = any(?)', filter.category)
    .andIf('(t.name ilike ? or t.display_name ilike ? or t.description ilike ?)', part, part, part)
    .andIf('t.is_trigger = ?', filter.isTrigger)
    .andIf('t.is_webhook = ?', filter.isWebhook)
    .andIf('t.is_polling = ?', filter.isPolling)
    .andIf('t.tags @> ?', filter.tags)
}

/** In the order of `names`; undefined where the type is unknown. */
export const nodeDefinitionsByNames = async (
  sql: Sql,
  args: { readonly organisationId: string; readonly names: readonly string[] },
): Promise<readonly (NodeDefinitionRow | undefined)[]> => {
  const filter = visibleTo(args.organisationId).and('t.name = any(?)', args.names)
  const rows = await sql.query<NodeDefinitionRow>(
    `select ${definitionColumns} from node_definitions t where ${filter.text()}`,
    filter.values,
  )
  const byName = new Map(rows.map((row) => [row.name, row]))
  return args.names.map((name) => byName.get(name))
}
