import { createHash } from 'node:crypto'
import type { Envelope, EventOf } from '@weconnect/contracts/envelope'
import type { EventType } from '@weconnect/contracts/events/catalogue'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { ExecutionFacts } from './execution-facts.ts'
import type { Rows } from './tables/rows.ts'
import { columnOf, type Table, type View } from './tables/table.ts'

/** Of events of an execution, the third argument says what its ExecutionRequested said. */
export type Handler<Type extends EventType> = Type extends ExecutionEvent['type']
  ? (event: Envelope<EventOf<Type>>, rows: Rows, execution: ExecutionFacts) => void
  : (event: Envelope<EventOf<Type>>, rows: Rows) => void
export type Handlers = { readonly [Type in EventType]?: Handler<Type> }

/** A read model: what each event does to its tables. Pure: no clock, no random, nothing but the event and its execution's facts. */
export interface Projection {
  readonly name: string
  /** Raised when a handler changes: the read model is then rebuilt from the log. A changed table rebuilds it without that. */
  readonly version: number
  readonly tables: readonly Table[]
  readonly views?: readonly View[]
  readonly on: Handlers
}

export const projection = (definition: Projection): Projection => definition

/** Event types that have a handler. */
export const handledTypes = ({ on }: Projection): readonly EventType[] => Object.keys(on) as EventType[]

/** `create table` of a read model's table, without its indexes. */
export const createTable = (table: Table, schema: string): string => {
  const columns = Object.entries(table.columns).map(([name, declared]) => {
    const { type, default: value, generated } = columnOf(declared)
    if (generated !== undefined) return `${name} ${type} generated always as (${generated}) virtual`
    return `${name} ${type}${value === undefined ? '' : ` not null default ${value}`}`
  })
  const storage = table.storage === undefined ? '' : ` with (${table.storage})`
  return `create table ${schema}.${table.name} (${columns.join(', ')}, primary key (${table.key.join(', ')}))${storage}`
}

export const createIndexes = (table: Table, schema: string): readonly string[] =>
  (table.indexes ?? []).map((index) => `create index on ${schema}.${table.name} ${index}`)

export const createView = ({ name, query }: View, schema: string): string => `create view ${schema}.${name} as ${query(schema)}`

/** Tables and views. */
export const relationsOf = ({ tables, views = [] }: Projection): readonly string[] => [...views, ...tables].map(({ name }) => name)

/** Changes with the declaration of any table or view. */
export const layoutOf = ({ tables, views = [] }: Projection): string =>
  createHash('sha256')
    .update(tables.flatMap((table) => [createTable(table, 's'), ...createIndexes(table, 's')]).join('\n'))
    .update(views.map((view) => createView(view, 's')).join('\n'))
    .digest('hex')
    .slice(0, 16)
