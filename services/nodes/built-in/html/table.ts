import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { asText } from '../per-item.ts'

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (value: string): string => value.replaceAll(/[&<>"']/g, (character) => entities[character]!)

const capitalized = (name: string): string => name.replaceAll(/[_-]+/g, ' ').replaceAll(/\b\w/g, (letter) => letter.toUpperCase())

const ownStyles = {
  table: 'style="border-spacing:0; font-family:helvetica,arial,sans-serif"',
  header: 'style="margin:0; padding:7px 20px 7px 0; border-bottom:1px solid #eee; text-align:left; color:#888; font-weight:normal"',
  row: '',
  cell: 'style="margin:0; padding:7px 20px 7px 0; border-bottom:1px solid #eee"',
}
const given = (options: JsonObject, name: string, style: string): string => {
  const attributes = options['customStyling'] === true ? asText(options[name]) : [style, asText(options[name])].filter(Boolean).join(' ')
  return attributes === '' ? '' : ` ${attributes}`
}

const cellText = (value: JsonValue | undefined): string => (typeof value === 'boolean' ? (value ? '✓' : '✗') : escaped(asText(value)))

/** All items as one HTML table; a column for every field of the first item, values escaped. */
export const tableOf = (items: readonly Item[], options: JsonObject): string => {
  const [table, header, row, cell] = (['table', 'header', 'row', 'cell'] as const).map((part) =>
    given(options, `${part}Attributes`, ownStyles[part]),
  )
  const names = Object.keys(items[0]?.json ?? {})
  const headings = names.map((name) => `<th${header}>${escaped(options['capitalize'] === true ? capitalized(name) : name)}</th>`)
  const rows = items.map(({ json }) => `<tr${row}>${names.map((name) => `<td${cell}>${cellText(json[name])}</td>`).join('')}</tr>`)
  const caption = asText(options['caption'])
  return [
    `<table${table}>`,
    caption === '' ? '' : `<caption>${escaped(caption)}</caption>`,
    `<thead><tr${row}>${headings.join('')}</tr></thead>`,
    `<tbody>${rows.join('')}</tbody></table>`,
  ].join('')
}
