import { type Column, columnOf, type RowOf, type Table } from './table.ts'

/**
 * What a handler does to the tables of its projection. Nothing is written yet: changes of the same row are merged in memory and written with
 * the batch. A row is put before it is updated.
 */
export interface Rows {
  /** Inserts a row that cannot be there yet, because this event is what it begins with: the cheapest way. */
  insert<T extends Table>(table: T, row: RowOf<T>): void
  /** Inserts the row, or merges the given columns into the one that has its key. */
  put<T extends Table>(table: T, row: RowOf<T>): void
  /** Merges the given columns into the row that has the key; nothing when there is none. */
  update<T extends Table>(table: T, row: RowOf<T>): void
  /** Removes the row with this key, if there is one. */
  remove<T extends Table>(table: T, key: RowOf<T>): void
  /** Removes all rows that have these values, in columns that every put of a row gives and that it keeps for life. */
  removeWhere<T extends Table>(table: T, match: RowOf<T>): void
}

/** `replace`: removed, then put again. */
type Verb = 'insert' | 'put' | 'update' | 'remove' | 'replace'

export interface PendingRow {
  verb: Verb
  /** Which columns have a value: bit n = column n. */
  mask: number
  readonly values: unknown[]
}

export interface PendingTable {
  readonly table: Table
  readonly names: readonly string[]
  readonly columns: readonly Column[]
  readonly keyOrdinals: readonly number[]
  readonly ordinals: ReadonlyMap<string, number>
  readonly rows: Map<string, PendingRow>
  /** The row that was changed last: events of a stream come together. */
  last: { id: string; row: PendingRow } | undefined
  readonly removals: { readonly ordinals: readonly number[]; readonly values: readonly unknown[] }[]
}

export interface PendingRows extends Rows {
  readonly tables: readonly PendingTable[]
  isEmpty(): boolean
  clear(): void
}

export const pendingRows = (declarations: readonly Table[]): PendingRows => {
  const tables = declarations.map(pendingTable)
  const byName = new Map(tables.map((pending) => [pending.table.name, pending]))
  const find = (table: Table): PendingTable => {
    const pending = byName.get(table.name)
    if (pending === undefined) throw new TypeError(`${table.name} is not a table of this projection`)
    return pending
  }
  return {
    tables,
    insert: (table, row) => insert(find(table), row as Values),
    put: (table, row) => put(find(table), row as Values),
    update: (table, row) => update(find(table), row as Values),
    remove: (table, key) => remove(find(table), key as Values),
    removeWhere: (table, match) => removeWhere(find(table), match as Values),
    isEmpty: () => tables.every(({ rows, removals }) => rows.size === 0 && removals.length === 0),
    clear: () => {
      for (const pending of tables) {
        pending.rows.clear()
        pending.last = undefined
        pending.removals.length = 0
      }
    },
  }
}

type Values = Readonly<Record<string, unknown>>

const pendingTable = (table: Table): PendingTable => {
  const names = Object.keys(table.columns)
  const ordinals = new Map(names.map((name, ordinal) => [name, ordinal]))
  if (names.length > 31) throw new TypeError(`${table.name} has more than 31 columns`)
  return {
    table,
    names,
    columns: names.map((name) => columnOf(table.columns[name] ?? 'text')),
    keyOrdinals: table.key.map((name) => ordinals.get(name) ?? 0),
    ordinals,
    rows: new Map(),
    last: undefined,
    removals: [],
  }
}

const insert = (pending: PendingTable, row: Values): void => merge(pending, rowFor(pending, row, 'insert'), row)

const put = (pending: PendingTable, row: Values): void => {
  const found = rowFor(pending, row, 'put')
  if (found.verb === 'update') found.verb = 'put'
  if (found.verb === 'remove') found.verb = 'replace'
  merge(pending, found, row)
}

const update = (pending: PendingTable, row: Values): void => {
  const found = rowFor(pending, row, 'update')
  if (found.verb !== 'remove') merge(pending, found, row)
}

const remove = (pending: PendingTable, key: Values): void => {
  const id = keyOf(pending, key)
  pending.last = undefined
  if (pending.rows.get(id)?.verb === 'insert') {
    pending.rows.delete(id)
    return
  }
  const row: PendingRow = { verb: 'remove', mask: 0, values: new Array(pending.names.length) }
  pending.rows.set(id, row)
  merge(pending, row, key)
}

/** Goes before all else of the batch when it is written, so what the batch put before it is dropped here. */
const removeWhere = (pending: PendingTable, match: Values): void => {
  const names = Object.keys(match)
  const ordinals = names.map((name) => ordinalOf(pending, name))
  const values = names.map((name) => match[name])
  for (const [id, row] of pending.rows) {
    if (row.verb !== 'remove' && row.verb !== 'update' && ordinals.some((ordinal) => !(row.mask & (1 << ordinal))))
      throw new TypeError(`${pending.table.name}: a row was put without ${names.join(', ')}`)
    if (row.verb !== 'remove' && ordinals.every((ordinal, index) => row.values[ordinal] === values[index])) pending.rows.delete(id)
  }
  pending.last = undefined
  pending.removals.push({ ordinals, values })
}

const rowFor = (pending: PendingTable, row: Values, verb: Verb): PendingRow => {
  const id = keyOf(pending, row)
  if (pending.last?.id === id) return pending.last.row
  let found = pending.rows.get(id)
  if (found === undefined) {
    found = { verb, mask: 0, values: new Array(pending.names.length) }
    pending.rows.set(id, found)
  }
  pending.last = { id, row: found }
  return found
}

const keyOf = ({ table }: PendingTable, row: Values): string => {
  let id = ''
  for (const name of table.key) {
    const value = row[name]
    if (value === undefined || value === null) throw new TypeError(`a row of ${table.name} needs ${name}`)
    id += id === '' ? value : `\0${value}`
  }
  return id
}

const ordinalOf = ({ ordinals, table }: PendingTable, name: string): number => {
  const ordinal = ordinals.get(name)
  if (ordinal === undefined) throw new TypeError(`${table.name} has no column ${name}`)
  return ordinal
}

const merge = (pending: PendingTable, into: PendingRow, row: Values): void => {
  for (const name in row) {
    const value = row[name]
    if (value === undefined) continue
    const ordinal = ordinalOf(pending, name)
    const bit = 1 << ordinal
    const { merge: kind, limit } = pending.columns[ordinal] as Column
    into.values[ordinal] = into.mask & bit || kind === 'concat' ? merged(kind, limit, into.values[ordinal], value) : value
    into.mask |= bit
  }
}

const merged = (kind: Column['merge'], limit: number | undefined, old: unknown, value: unknown): unknown => {
  if (kind === 'sum') return (old as number) + (value as number)
  if (kind === 'greatest') return (old as number | string) > (value as number | string) ? old : value
  if (kind !== 'concat') return value
  // The first time it is copied: the array belongs to the handler.
  if (old === undefined) return (value as unknown[]).slice(0, limit)
  const elements = old as unknown[]
  for (const element of value as unknown[]) if (limit === undefined || elements.length < limit) elements.push(element)
  return elements
}
