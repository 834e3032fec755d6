import type { Session } from '@weconnect/postgres/pool'
import { copyRows, jsonArray } from './copy-rows.ts'
import type { PendingRow, PendingRows, PendingTable } from './rows.ts'
import type { Column } from './table.ts'
import { textArray } from './text-array.ts'

/** Parsed and planned once per session, under its name. Values are text[] in binary form, a column each; or rows for `copy ... from stdin`. */
export type Statement =
  | { readonly name: string; readonly text: string; readonly values: readonly Buffer[] }
  | { readonly copy: string; readonly bytes: Buffer }

/** The statements that write a batch's changes: per table one for each set of columns that rows have. Their order matters. */
export const statementsOf = (pending: PendingRows, schema: string): readonly Statement[] =>
  pending.tables.flatMap((table) => (table.rows.size === 0 && table.removals.length === 0 ? [] : statementsOfTable(table, schema)))

export const send = (session: Session, statement: Statement): Promise<unknown> =>
  'copy' in statement ? session.copyIn(statement.copy, statement.bytes) : session.prepared(statement.name, statement.text, statement.values)

const statementsOfTable = (pending: PendingTable, schema: string): Statement[] => {
  const name = `${schema}.${pending.table.name}`
  const gone = [...pending.rows.values()].filter(({ verb }) => verb === 'remove' || verb === 'replace')
  return [
    ...pending.removals.map(({ ordinals, values }) => removal(pending, name, ordinals, [values])),
    ...(gone.length === 0
      ? []
      : [
          removal(
            pending,
            name,
            pending.keyOrdinals,
            gone.map(({ values }) => pending.keyOrdinals.map((ordinal) => values[ordinal])),
          ),
        ]),
    ...groupsOf(pending).map((rows) => writingOf[rows[0]?.verb ?? 'put'](pending, name, rows)),
  ]
}

/** Rows that are written alike. */
const groupsOf = ({ rows }: PendingTable): readonly PendingRow[][] => {
  const groups = new Map<number, PendingRow[]>()
  for (const row of rows.values()) {
    if (row.verb === 'remove') continue
    const like = row.mask * 4 + (row.verb === 'update' ? 1 : row.verb === 'insert' ? 2 : 0)
    const group = groups.get(like)
    if (group === undefined) groups.set(like, [row])
    else group.push(row)
  }
  return [...groups.values()]
}

const names = new Map<string, string>()

const statement = (text: string, values: readonly Buffer[]): Statement => {
  let name = names.get(text)
  if (name === undefined) {
    name = `projection_${names.size}`
    names.set(text, name)
  }
  return { name, text, values }
}

const ordinalsIn = (mask: number, count: number): number[] => {
  const ordinals: number[] = []
  for (let ordinal = 0; ordinal < count; ordinal++) if (mask & (1 << ordinal)) ordinals.push(ordinal)
  return ordinals
}

const arraysOf = (pending: PendingTable, ordinals: readonly number[], rows: readonly PendingRow[]): Buffer[] =>
  ordinals.map((ordinal) => {
    const column = pending.columns[ordinal] as Column
    return textArray(rows.map(({ values }) => textOf(column, values[ordinal])))
  })

const source = (ordinals: readonly number[]): string =>
  `unnest(${ordinals.map((_, index) => `$${index + 1}::text[]`).join(', ')}) as r(${ordinals.map((_, index) => `c${index}`).join(', ')})`

const cast = (pending: PendingTable, ordinal: number, index: number): string => {
  const { type } = pending.columns[ordinal] as Column
  return type === 'text' ? `r.c${index}` : `r.c${index}::${type}`
}

const putting = (pending: PendingTable, table: string, rows: readonly PendingRow[]): Statement => {
  const ordinals = ordinalsIn(rows[0]?.mask ?? 0, pending.names.length)
  const columns = ordinals.map((ordinal) => pending.names[ordinal])
  const changed = ordinals.filter((ordinal) => !pending.keyOrdinals.includes(ordinal))
  const conflict =
    changed.length === 0
      ? 'nothing'
      : `update set ${changed.map((ordinal) => merging(pending, ordinal, `excluded.${pending.names[ordinal]}`)).join(', ')}`
  const text = `insert into ${table} as t (${columns.join(', ')}) select ${ordinals.map((ordinal, index) => cast(pending, ordinal, index)).join(', ')} from ${source(ordinals)} on conflict (${pending.table.key.join(', ')}) do ${conflict}`
  return statement(text, arraysOf(pending, ordinals, rows))
}

const inserting = (pending: PendingTable, table: string, rows: readonly PendingRow[]): Statement => {
  const ordinals = ordinalsIn(rows[0]?.mask ?? 0, pending.names.length)
  return {
    copy: `copy ${table} (${ordinals.map((ordinal) => pending.names[ordinal]).join(', ')}) from stdin (format binary)`,
    bytes: copyRows(pending.columns, ordinals, rows),
  }
}

const updating = (pending: PendingTable, table: string, rows: readonly PendingRow[]): Statement => {
  const ordinals = ordinalsIn(rows[0]?.mask ?? 0, pending.names.length)
  const sets: string[] = []
  const matches: string[] = []
  for (const [index, ordinal] of ordinals.entries()) {
    if (pending.keyOrdinals.includes(ordinal)) matches.push(`t.${pending.names[ordinal]} = ${cast(pending, ordinal, index)}`)
    else sets.push(merging(pending, ordinal, cast(pending, ordinal, index)))
  }
  return statement(
    `update ${table} t set ${sets.join(', ')} from ${source(ordinals)} where ${matches.join(' and ')}`,
    arraysOf(pending, ordinals, rows),
  )
}

const removal = (pending: PendingTable, table: string, ordinals: readonly number[], rows: readonly (readonly unknown[])[]): Statement => {
  const matches = ordinals.map((ordinal, index) => `t.${pending.names[ordinal]} = ${cast(pending, ordinal, index)}`)
  const values = ordinals.map((ordinal, index) => textArray(rows.map((row) => textOf(pending.columns[ordinal] as Column, row[index]))))
  return statement(`delete from ${table} t using ${source(ordinals)} where ${matches.join(' and ')}`, values)
}

/** `column = value` of a row that exists, as its declaration merges. */
const merging = (pending: PendingTable, ordinal: number, value: string): string => {
  const name = pending.names[ordinal]
  const { type, merge, limit } = pending.columns[ordinal] as Column
  if (merge === 'sum') return `${name} = t.${name} + ${value}`
  if (merge === 'greatest') return `${name} = greatest(t.${name}, ${value})`
  if (merge !== 'concat') return `${name} = ${value}`
  const old = `t.${name}`
  const all = type === 'json' ? jsonText(old, value) : `(coalesce(${old}::jsonb, '[]') || ${value}::jsonb)`
  return `${name} = ${limit === undefined ? all : firstElements(all, limit)}::${type}`
}

/** As text, so that elements stay as they came: through jsonb a row would say where a batch ended. The new array is never empty. */
const jsonText = (old: string, added: string): string =>
  `(case when ${old} is null or ${old}::text = '[]' then ${added}::text else left(${old}::text, -1) || ',' || substr(${added}::text, 2) end)`

const firstElements = (array: string, limit: number): string =>
  `(select '[' || string_agg(e.value::text, ',' order by e.ordinality) || ']' from json_array_elements(${array}::json) with ordinality e where e.ordinality <= ${limit})`

const textOf = ({ type, merge }: Column, value: unknown): string | null => {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (typeof value === 'function') return value()
  if (merge === 'concat') return jsonArray(value as readonly string[])
  return type === 'text[]' ? arrayLiteral(value as readonly string[]) : String(value)
}

const arrayLiteral = (texts: readonly string[]): string => `{${texts.map((text) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`

const writingOf = { insert: inserting, put: putting, replace: putting, update: updating, remove: putting } as const
