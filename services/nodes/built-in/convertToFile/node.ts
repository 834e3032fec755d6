import type { BinaryData, Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { valueAt } from '../../parameters/paths.ts'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { binaryOf } from '../binary-data.ts'
import { calendarFile } from '../calendar.ts'
import { eachItem } from '../each-item.ts'
import { asObject, asText, type Columns, nodeFailure, unsupported } from '../per-item.ts'
import { isSheetFormat, writeSheet } from '../spreadsheets.ts'
import { encoded } from '../text-encoding.ts'
import { definition } from './definition.ts'

const encodingOf = (options: JsonObject): string => asText(options['encoding']) || 'utf8'

const jsonFile = async (value: JsonValue, options: JsonObject): Promise<BinaryData> => {
  const text = JSON.stringify(value, null, options['format'] === true ? 2 : undefined)
  const bytes = await encoded(text, encodingOf(options), options['addBOM'] === true)
  return binaryOf(bytes, asText(options['fileName']) || 'file.json', 'application/json')
}

const sourceOf = (context: NodeContext, item: Item, index: number, read: Columns): JsonValue => {
  const path = asText(read('sourceProperty', index))
  const value = valueAt(item.json, path)
  if (value !== undefined && value !== null) return value
  throw nodeFailure(context, `The value in "${path}" is not set`, 'sourceProperty', index)
}

const textFile = async (value: JsonValue, options: JsonObject): Promise<BinaryData> =>
  binaryOf(
    await encoded(asText(value), encodingOf(options), options['addBOM'] === true),
    asText(options['fileName']) || 'file.txt',
    'text/plain',
  )

/** What a link to data (`data:image/png;base64,`) says before its base64. */
const dataUrl = /^data:([^;,]*)[^,]*;base64,/

const movedFile = async (context: NodeContext, value: JsonValue, options: JsonObject): Promise<BinaryData> => {
  const text = asText(value)
  const isBase64 = context.node.typeVersion > 1 || options['dataIsBase64'] !== false
  const bytes = isBase64 ? Buffer.from(text.replace(dataUrl, ''), 'base64') : await encoded(text, encodingOf(options))
  const mimeType = asText(options['mimeType']) || (isBase64 ? dataUrl.exec(text)?.[1] : undefined) || undefined
  const fileName = asText(options['fileName'])
  if (fileName) return binaryOf(bytes, fileName, mimeType)
  const file = await binaryOf(bytes, undefined, mimeType)
  return { ...file, fileName: file.fileExtension ? `file.${file.fileExtension}` : 'file' }
}

const fromAll = async (context: NodeContext, make: (items: readonly Item[]) => Promise<BinaryData>): Promise<readonly Item[]> => {
  const items = await context.items()
  const property = asText(await context.parameter('binaryPropertyName', 0), 'data')
  return [{ json: {}, binary: { [property]: await make(items) }, pairedItem: items.map((_, item) => ({ item })) }]
}

const fromEach = (
  context: NodeContext,
  names: readonly string[],
  make: (item: Item, index: number, read: Columns) => Promise<BinaryData>,
): Promise<readonly Item[]> =>
  eachItem(context, ['binaryPropertyName', ...names], async (item, index, read) => ({
    json: {},
    binary: { [asText(read('binaryPropertyName', index), 'data')]: await make(item, index, read) },
    pairedItem: { item: index },
  }))

const toJson = async (context: NodeContext): Promise<readonly Item[]> => {
  if ((await context.parameter('mode', 0)) === 'each')
    return fromEach(context, ['options'], (item, index, read) => jsonFile(item.json, asObject(read('options', index))))
  const options = asObject(await context.parameter('options', 0))
  return fromAll(context, (items) =>
    jsonFile(
      items.map(({ json }) => json),
      options,
    ),
  )
}

const toCalendar = async (context: NodeContext): Promise<readonly Item[]> => {
  const place = { now: await context.now(), timezone: await context.timezone() }
  return fromEach(context, ['title', 'start', 'end', 'allDay', 'additionalFields'], (_item, index, read) =>
    calendarFile(
      {
        title: asText(read('title', index)),
        start: asText(read('start', index)),
        end: asText(read('end', index)),
        allDay: read('allDay', index) === true,
        fields: asObject(read('additionalFields', index)),
      },
      { ...place, uid: `${context.executionId}-${context.node.id}-${context.runIndex}-${index}` },
    ),
  )
}

const convert = async (context: NodeContext, operation: string): Promise<readonly Item[]> => {
  if (isSheetFormat(operation)) {
    const options = asObject(await context.parameter('options', 0))
    return fromAll(context, (items) => writeSheet(items, operation, options, 'file', context.signal))
  }
  switch (operation) {
    case 'toJson':
      return toJson(context)
    case 'toText':
      return fromEach(context, ['sourceProperty', 'options'], (item, index, read) =>
        textFile(sourceOf(context, item, index, read), asObject(read('options', index))),
      )
    case 'toBinary':
      return fromEach(context, ['sourceProperty', 'options'], (item, index, read) =>
        movedFile(context, sourceOf(context, item, index, read), asObject(read('options', index))),
      )
    case 'iCal':
      return toCalendar(context)
    default:
      throw unsupported(context, `Operation "${operation}"`, 'operation')
  }
}

/** Makes files of items. */
export const convertToFile: NodeType = {
  definition,
  execute: async (context) => [await convert(context, asText(await context.parameter('operation', 0), 'csv'))],
  validate: () => [],
}
