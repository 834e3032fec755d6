export type ColumnType = 'text' | 'text[]' | 'jsonb' | 'timestamptz' | 'integer' | 'bigint' | 'double precision' | 'boolean' | 'uuid'

export interface Column {
  readonly type: ColumnType
  /**
   * What a second value for the same row does: `replace` (the default), `sum` of numbers, or `concat` of JSON arrays.
   * It is the same in memory and in the table, so that where a batch ends changes nothing.
   */
  readonly merge?: 'replace' | 'sum' | 'concat'
  /** Elements that `concat` keeps, the first ones. Absent: all. */
  readonly limit?: number
  /** SQL of the default for a row that does not name the column. */
  readonly default?: string
  /** SQL of a virtual column, computed when it is read. */
  readonly generated?: string
}

/** A table of a read model. Its declaration is its migration: a change of it rebuilds the read model from the log. */
export interface Table<Name extends string = string> {
  readonly name: string
  readonly columns: Readonly<Record<Name, ColumnType | Column>>
  readonly key: readonly NoInfer<Name>[]
  /** What follows `create index on <table>`. */
  readonly indexes?: readonly string[]
  /** Storage parameters, for example `fillfactor = 80`. */
  readonly storage?: string
}

/** Declares a table, keeping the names of its columns as types. */
export const table = <Name extends string>(declaration: Table<Name>): Table<Name> => declaration

export const columnOf = (column: ColumnType | Column): Column => (typeof column === 'string' ? { type: column } : column)

/** `workflow_id` to `workflowId`. */
export const camelCase = (column: string): string => column.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** Columns of a table for a select, under their camel-case names: `t.workflow_id as "workflowId", ...`. */
export const selectionOf = <Name extends string>(declaration: Table<Name>, alias: string, names?: readonly Name[]): string =>
  (names ?? (Object.keys(declaration.columns) as Name[])).map((name) => `${alias}.${name} as "${camelCase(name)}"`).join(', ')
