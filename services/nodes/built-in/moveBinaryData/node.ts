import { WeConnectError } from '@weconnect/contracts/errors'
import type { BinaryData, Item } from '@weconnect/contracts/items'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { valueAt, withoutValueAt, withValueAt } from '../../parameters/paths.ts'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { binaryOf, otherFiles } from '../binary-data.ts'
import { eachItem } from '../each-item.ts'
import { parsedJson } from '../parsed-json.ts'
import { asObject, asText, type Columns } from '../per-item.ts'
import { decoded, encoded } from '../text-encoding.ts'
import { definition } from './definition.ts'

const encodingOf = (options: JsonObject): string => asText(options['encoding']) || 'utf8'

/** The text of a file; `base64` as encoding leaves it as it is carried. */
const textOf = async (bytes: Buffer, options: JsonObject): Promise<string> =>
  options['keepAsBase64'] === true || encodingOf(options) === 'base64'
    ? bytes.toString('base64')
    : decoded(bytes, encodingOf(options), options['stripBOM'] !== false)

const allOf = (text: string): JsonObject => {
  const value = parsedJson(text, 'the binary data')
  if (isJsonObject(value)) return value
  throw new WeConnectError('NODE_FAILED', 'The binary data is no JSON object: turn off "Set All Data" to put it into a field')
}

const toJson = async (context: NodeContext, item: Item, index: number, read: Columns): Promise<readonly Item[]> => {
  const options = asObject(read('options', index))
  const source = asText(read('sourceKey', index), 'data')
  const file = item.binary && Object.hasOwn(item.binary, source) ? item.binary[source] : undefined
  if (!file) return []
  const bytes = await context.bytesOf(file)
  const binary = options['keepSource'] === true ? item.binary : otherFiles(item, source)
  const made = { ...(binary && { binary }), pairedItem: { item: index } }
  if (read('setAllData', index) === true)
    return [{ json: allOf(await decoded(bytes, encodingOf(options), options['stripBOM'] !== false)), ...made }]
  const text = await textOf(bytes, options)
  const value = options['jsonParse'] === true ? parsedJson(text, 'the binary data') : text
  return [{ json: withValueAt(item.json, asText(read('destinationKey', index), 'data'), value), ...made }]
}

/** The later version takes texts as they are; the first one writes them as JSON unless it is told otherwise. */
const isRaw = (context: NodeContext, value: JsonValue, options: JsonObject): boolean =>
  options['useRawData'] === true || (context.node.typeVersion > 1 && typeof value === 'string')

const bytesFrom = async (context: NodeContext, value: JsonValue, options: JsonObject): Promise<Buffer> => {
  if (options['dataIsBase64'] === true) return Buffer.from(asText(value), 'base64')
  const text = isRaw(context, value, options) ? asText(value) : JSON.stringify(value)
  return encoded(text, encodingOf(options), options['addBOM'] === true)
}

const toBinary = async (context: NodeContext, item: Item, index: number, read: Columns): Promise<readonly Item[]> => {
  const options = asObject(read('options', index))
  const all = read('convertAllData', index) !== false
  const source = asText(read('sourceKey', index), 'data')
  const value = all ? item.json : valueAt(item.json, source)
  if (value === undefined) return []
  const fileName = asText(options['fileName']) || undefined
  const file: BinaryData = await binaryOf(
    await bytesFrom(context, value, options),
    fileName,
    asText(options['mimeType']) || 'application/json',
  )
  const kept = all ? {} : withoutValueAt(item.json, source)
  return [
    {
      json: options['keepSource'] === true ? item.json : kept,
      binary: { ...item.binary, [asText(read('destinationKey', index), 'data')]: file },
      pairedItem: { item: index },
    },
  ]
}

const parameters = ['mode', 'setAllData', 'convertAllData', 'sourceKey', 'destinationKey', 'options']

/** Moves data between files and fields. Its later forms are Convert to File and Extract from File. */
export const moveBinaryData: NodeType = {
  definition,
  execute: async (context) => [
    await eachItem(context, parameters, (item, index, read) =>
      read('mode', index) === 'jsonToBinary' ? toBinary(context, item, index, read) : toJson(context, item, index, read),
    ),
  ],
  validate: () => [],
}
