import type { Item } from '@weconnect/contracts/items'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { fieldOf, setField, withoutValueAt } from '../../parameters/paths.ts'
import type { NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { choice, collection, show, text, toggle } from '../../sdk/property.ts'
import { asNames, asObject, asText, type Columns, continues, failedItem, nodeFailure, readColumns } from '../per-item.ts'

const elementsOf = (value: JsonValue | undefined): readonly JsonValue[] => {
  if (value === undefined) return []
  if (Array.isArray(value)) return value as readonly JsonValue[]
  return isJsonObject(value) ? Object.values(value).map((member) => member ?? null) : [value]
}

/** Stands for the files of an item: each goes into an item of its own. */
const binaryField = '$binary'

interface Wish {
  readonly fields: readonly string[]
  readonly destinations: readonly string[]
  readonly include: string
  readonly dotNotation: boolean
}

/** The split fields of each new item: a lone object with no destination becomes the item itself. */
const rowsOf = (json: JsonObject, { fields, destinations, include, dotNotation }: Wish): readonly JsonObject[] => {
  const rows: JsonObject[] = []
  for (const [place, field] of fields.entries()) {
    if (field === binaryField) continue
    for (const [index, element] of elementsOf(fieldOf(json, field, dotNotation)).entries()) {
      const alone = fields.length === 1 && destinations.length === 0 && include === 'noOtherFields'
      if (alone && isJsonObject(element)) rows[index] = element
      else {
        const row: Record<string, JsonValue | undefined> = rows[index] ?? {}
        setField(row, destinations[place] ?? field, element, false)
        rows[index] = row
      }
    }
  }
  return rows
}

const others = (json: JsonObject, wish: Wish, kept: readonly string[]): JsonObject => {
  if (wish.include === 'allOtherFields')
    return wish.fields.reduce<JsonObject>((rest, field) => (wish.dotNotation ? withoutValueAt(rest, field) : omit(rest, field)), json)
  const selected: Record<string, JsonValue | undefined> = {}
  for (const name of wish.include === 'selectedOtherFields' ? kept : [])
    setField(selected, name, fieldOf(json, name, wish.dotNotation), false)
  return selected
}
const omit = (json: JsonObject, name: string): JsonObject => Object.fromEntries(Object.entries(json).filter(([key]) => key !== name))

const splitItem = (item: Item, index: number, read: Columns): readonly Item[] => {
  const options = asObject(read('options', index))
  const wish: Wish = {
    fields: asNames(read('fieldToSplitOut', index)),
    destinations: asNames(options['destinationFieldName']),
    include: asText(read('include', index), 'noOtherFields'),
    dotNotation: options['disableDotNotation'] !== true,
  }
  const rest = others(item.json, wish, asNames(read('fieldsToInclude', index)))
  const rows = rowsOf(item.json, wish)
  const files = wish.fields.includes(binaryField) ? Object.entries(item.binary ?? {}) : []
  const common = options['includeBinary'] === true ? item.binary : undefined
  return Array.from({ length: Math.max(rows.length, files.length) }, (_, place): Item => {
    const [name, file] = files[place] ?? []
    const binary = name === undefined || file === undefined ? common : { ...common, [name]: file }
    const row = rows[place] ?? {}
    return { json: wish.include === 'noOtherFields' ? row : { ...rest, ...row }, ...(binary && { binary }), pairedItem: { item: index } }
  })
}

const includes = [
  ['No Other Fields', 'noOtherFields'],
  ['All Other Fields', 'allOtherFields'],
  ['Selected Other Fields', 'selectedOtherFields'],
] as const

/** Makes an item of each member of a list. */
export const splitOut: NodeType = {
  definition: {
    name: 'n8n-nodes-base.splitOut',
    displayName: 'Split Out',
    description: 'Turn a list inside item(s) into separate items',
    category: 'data',
    versions: [1],
    properties: [
      text('Fields To Split Out', 'fieldToSplitOut', '', { required: true }),
      choice('Include', 'include', includes, 'noOtherFields'),
      text('Fields To Include', 'fieldsToInclude', '', show({ include: ['selectedOtherFields'] })),
      collection('Options', 'options', [
        toggle('Disable Dot Notation', 'disableDotNotation', false),
        text('Destination Field Name', 'destinationFieldName'),
        toggle('Include Binary', 'includeBinary', false),
      ]),
    ],
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => {
    const items = await context.items()
    const read = await readColumns(context, ['fieldToSplitOut', 'include', 'fieldsToInclude', 'options'], items.length)
    const output: Item[] = []
    for (const [index, item] of items.entries()) {
      try {
        const fields = asNames(read('fieldToSplitOut', index))
        if (fields.length === 0) throw nodeFailure(context, 'No field to split out was given', 'fieldToSplitOut', index)
        for (const made of splitItem(item, index, read)) output.push(made)
      } catch (error) {
        if (!continues(context)) throw error
        output.push(failedItem(error, index))
      }
    }
    return [output]
  },
  validate: () => [],
}
