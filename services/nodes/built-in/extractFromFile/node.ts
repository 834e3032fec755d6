import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { withValueAt } from '../../parameters/paths.ts'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { binaryIn } from '../binary-data.ts'
import { readCalendar } from '../calendar.ts'
import { eachItem } from '../each-item.ts'
import { parsedJson } from '../parsed-json.ts'
import { readPdf } from '../pdf.ts'
import { asObject, asText, type Columns, unsupported } from '../per-item.ts'
import { isSheetFormat, readSheet } from '../spreadsheets.ts'
import { decoded } from '../text-encoding.ts'
import { definition } from './definition.ts'

/** What a file becomes in one field. */
type Reader = (bytes: Buffer, options: JsonObject) => Promise<JsonValue>

const textOf = (bytes: Buffer, options: JsonObject): Promise<string> =>
  decoded(bytes, asText(options['encoding']) || 'utf8', options['stripBOM'] !== false)

const readers: Readonly<Record<string, Reader>> = {
  text: textOf,
  xml: textOf,
  fromJson: async (bytes, options) => {
    const text = await textOf(bytes, options)
    return text.trim() === '' ? {} : parsedJson(text, 'the file')
  },
  fromIcs: async (bytes, options) => readCalendar(await textOf(bytes, options)),
  binaryToPropery: async (bytes, options) => {
    const encoding = asText(options['encoding']) || 'utf8'
    return ['utf8', 'utf-8', 'base64'].includes(encoding.toLowerCase()) ? bytes.toString('base64') : decoded(bytes, encoding)
  },
}

/** The new data, with what of the item is to be kept. */
const keeping = (item: Item, index: number, options: JsonObject, make: (json: JsonObject) => JsonObject): Item => {
  const { keepSource } = options
  const keepsJson = keepSource === 'json' || keepSource === 'both'
  const keepsBinary = item.binary !== undefined && (keepSource === 'binary' || keepSource === 'both')
  return { json: make(keepsJson ? item.json : {}), ...(keepsBinary && { binary: item.binary }), pairedItem: { item: index } }
}

const extract = async (context: NodeContext, item: Item, index: number, read: Columns): Promise<Item | readonly Item[]> => {
  const operation = asText(read('operation', index), 'csv')
  const options = asObject(read('options', index))
  const file = binaryIn(item, asText(read('binaryPropertyName', index), 'data'), index)
  const bytes = await context.bytesOf(file)
  if (isSheetFormat(operation))
    return (await readSheet(file, bytes, operation, options, context.signal)).map((json): Item => ({ json, pairedItem: { item: index } }))
  if (operation === 'pdf') {
    const content = await readPdf(context, bytes, options)
    return keeping(item, index, options, (json) => ({ ...json, ...content }))
  }
  if (!Object.hasOwn(readers, operation)) throw unsupported(context, `Operation "${operation}"`, 'operation')
  const value = await readers[operation]!(bytes, options)
  const key = asText(read('destinationKey', index)) || 'data'
  return keeping(item, index, options, (json) => withValueAt(json, key, value))
}

/** Makes data of files. */
export const extractFromFile: NodeType = {
  definition,
  execute: async (context) => [
    await eachItem(context, ['operation', 'binaryPropertyName', 'destinationKey', 'options'], (item, index, read) =>
      extract(context, item, index, read),
    ),
  ],
  validate: () => [],
}
