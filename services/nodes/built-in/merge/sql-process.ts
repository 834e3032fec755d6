import type { PairedItem } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import initSqlJs, { type Database, type SqlValue, type Statement } from 'sql.js'
import type { ApartAnswer } from '../apart.ts'
import type { PairedQuery } from './sql-pairing.ts'

export interface SqlInput {
  readonly query: string
  /** The same query with the rows it reads in front; it is run in its place when SQLite takes it. */
  readonly paired: PairedQuery | undefined
  /** Rows of the tables input1, input2, ... */
  readonly tables: readonly (readonly JsonObject[])[]
  /** Rows that may come out. */
  readonly maxRows: number
}

export interface SqlRow {
  readonly row: JsonObject
  /** What it was made from, as far as that can be named. */
  readonly from: readonly PairedItem[]
}

/** What SQLite may take for itself, bytes. */
const heapLimit = 256 * 2 ** 20
/** The column of a table without rows. */
const noColumn = '__empty'

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** Names of the columns, and where their values are; SQLite does not tell `Name` from `name`, so the second gets a number. */
const columnsOf = (rows: readonly JsonObject[]): readonly { readonly name: string; readonly key: string }[] => {
  const taken = new Set<string>()
  return [...new Set(rows.flatMap(Object.keys))].map((key) => {
    let name = key
    for (let number = 2; taken.has(name.toLowerCase()); number += 1) name = `${key}_${number}`
    taken.add(name.toLowerCase())
    return { name, key }
  })
}

/** Remembers what SQLite has no type for, so that it comes back as it went in. */
class Remembered {
  readonly #texts = new Set<string>()
  readonly #flags = new Map<string, boolean>()
  /** Of each column, whether a row says null there; in the others, nothing but the lack of a field is null. */
  readonly #nulls = new Map<string, boolean>()

  isAbsent(column: string, value: JsonValue): boolean {
    return value === null && this.#nulls.get(column) === false
  }

  sqlValue(column: string, value: JsonValue | undefined): SqlValue {
    this.#nulls.set(column, value === null || this.#nulls.get(column) === true)
    if (value === undefined || value === null) return null
    this.#flags.set(column, typeof value === 'boolean' && this.#flags.get(column) !== false)
    if (typeof value === 'boolean') return value ? 1 : 0
    if (typeof value !== 'object') return value
    const text = JSON.stringify(value)
    this.#texts.add(text)
    return text
  }

  jsonValue(column: string, value: SqlValue): JsonValue {
    if (typeof value === 'string') return this.#texts.has(value) ? (JSON.parse(value) as JsonValue) : value
    if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
    return (value === 0 || value === 1) && this.#flags.get(column) ? value === 1 : value
  }
}

const fill = (database: Database, name: string, rows: readonly JsonObject[], remembered: Remembered): void => {
  const columns = columnsOf(rows)
  database.run(`CREATE TABLE ${name} (${columns.length === 0 ? noColumn : columns.map((column) => quoted(column.name)).join(', ')})`)
  if (columns.length === 0) return
  const insert = database.prepare(`INSERT INTO ${name} VALUES (${columns.map(() => '?').join(', ')})`)
  for (const row of rows) insert.run(columns.map((column) => remembered.sqlValue(column.name, row[column.key])))
  insert.free()
}

/** A row by its names: of two columns with one name, the later wins unless it is empty; a field that no row gave is left out. */
const rowOf = (names: readonly string[], values: readonly SqlValue[], remembered: Remembered): JsonObject => {
  const row: Record<string, JsonValue> = Object.create(null)
  for (const [index, name] of names.entries()) {
    const value = remembered.jsonValue(name, values[index] ?? null)
    if (name === noColumn || remembered.isAbsent(name, value)) continue
    if (value !== null || row[name] === undefined) row[name] = value
  }
  return row
}

const prepared = (
  database: Database,
  { query, paired }: SqlInput,
): { readonly statement: Statement; readonly inputs: readonly number[] } => {
  try {
    if (paired) return { statement: database.prepare(paired.query), inputs: paired.inputs }
  } catch {
    // A table that a subquery alone can see has no rows to name out here.
  }
  return { statement: database.prepare(query), inputs: [] }
}

/** Rows are numbered from 1, in the order of the items; a join that found none has no number. */
const origins = (inputs: readonly number[], numbers: readonly SqlValue[]): readonly PairedItem[] =>
  inputs.flatMap((input, index) => {
    const number = numbers[index]
    return typeof number === 'number' ? [{ item: number - 1, input }] : []
  })

const run = async (input: SqlInput): Promise<ApartAnswer<readonly SqlRow[]>> => {
  const { tables, maxRows } = input
  const database = new (await initSqlJs()).Database()
  const remembered = new Remembered()
  database.run(`PRAGMA hard_heap_limit = ${heapLimit}; PRAGMA temp_store = MEMORY; BEGIN`)
  for (const [index, rows] of tables.entries()) fill(database, `input${index + 1}`, rows, remembered)
  database.run('COMMIT; PRAGMA query_only = 1')
  const { statement, inputs } = prepared(database, input)
  const names = statement.getColumnNames().slice(inputs.length)
  const rows: SqlRow[] = []
  while (statement.step()) {
    if (rows.length >= maxRows) return { problem: `The query gives more than ${maxRows} rows` }
    const values = statement.get()
    rows.push({ row: rowOf(names, values.slice(inputs.length), remembered), from: origins(inputs, values) })
  }
  return { answer: rows }
}

const say = (said: ApartAnswer<readonly SqlRow[]>): void => void process.send?.(said)

process.once('message', (input) =>
  run(input as SqlInput).then(say, (error: unknown) => say({ problem: `The query failed: ${(error as Error).message}` })),
)
