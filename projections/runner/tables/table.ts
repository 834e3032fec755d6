import type { JsonText } from './json-column.ts'

/** `json` keeps the text as it came, and costs half of what `jsonb` does: for documents that are read as a whole. */
export type ColumnType =
  | 'text'
  | 'text[]'
  | 'json'
  | 'jsonb'
  | 'timestamptz'
  | 'integer'
  | 'bigint'
  | 'double precision'
  | 'boolean'
  | 'uuid'

export interface Column {
  readonly type: ColumnType
  /**
   * What a second value for the same row does: `replace` (the default), `sum` of numbers, `greatest` of numbers or times, or `concat` of JSON
   * arrays. What events of several streams write must not depend on their order: `sum`, `greatest`, and rows that are put, not updated.
   * It is the same in memory and in the table, so that where a batch ends changes nothing.
   */
  readonly merge?: 'replace' | 'sum' | 'greatest' | 'concat'
  /** Elements that `concat` keeps, the first ones. Absent: all. */
  readonly limit?: number
  /** SQL of the default for a row that does not name the column. */
  readonly default?: string
  /** SQL of a virtual column, computed when it is read. */
  readonly generated?: string
}

type Columns = Readonly<Record<string, ColumnType | Column>>

/** A table of a read model. Its declaration is its migration: a change of it rebuilds the read model from the log. At most 31 columns. */
export interface Table<C extends Columns = Columns> {
  readonly name: string
  readonly columns: C
  /** Names of columns. */
  readonly key: readonly string[]
  /** What follows `create index on <table>`. */
  readonly indexes?: readonly string[]
  /** Storage parameters, for example `fillfactor = 80`. */
  readonly storage?: string
}

/** What is computed from a table when it is read. */
export interface View {
  readonly name: string
  /** The select, from the tables of this schema. */
  readonly query: (schema: string) => string
}

/** Rows up to a page stay as they are: to compress one of more than 2 KB would cost more than to write it. */
export const uncompressed = 'toast_tuple_target = 8160'

/** JSON may come as a function, called when the row is written: an opened payload that a later event replaces is then never opened. */
type ValueOfType<T extends ColumnType> = T extends 'json' | 'jsonb'
  ? JsonText | (() => JsonText | null)
  : T extends 'text[]'
    ? readonly string[]
    : T extends 'integer' | 'bigint' | 'double precision'
      ? number
      : T extends 'boolean'
        ? boolean
        : string
type ValueOf<C> = C extends ColumnType
  ? ValueOfType<C> | null
  : C extends { readonly generated: string }
    ? never
    : C extends { readonly merge: 'concat' }
      ? readonly JsonText[]
      : C extends { readonly merge: 'sum' }
        ? number
        : C extends { readonly type: infer T extends ColumnType }
          ? ValueOfType<T> | null
          : never

/** Values for some columns of a row; `concat` columns take the elements to append, `sum` columns what to add. An absent column stays as it is. */
export type RowOf<T> = T extends Table<infer C> ? { readonly [Name in keyof C]?: ValueOf<C[Name]> | undefined } : never

/** Declares a table, keeping its columns as types. */
export const table = <const C extends Columns>(declaration: Table<C> & { readonly key: readonly (keyof C)[] }): Table<C> => declaration

export const columnOf = (column: ColumnType | Column): Column => (typeof column === 'string' ? { type: column } : column)

/** `workflow_id` to `workflowId`. */
export const camelCase = (column: string): string => column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** Columns of a table for a select, under their camel-case names: `t.workflow_id as "workflowId", ...`. */
export const selectionOf = <C extends Columns>({ columns }: Table<C>, alias: string, except: readonly (keyof C & string)[] = []): string =>
  Object.keys(columns)
    .filter((name) => !except.includes(name))
    .map((name) => `${alias}.${name} as "${camelCase(name)}"`)
    .join(', ')
