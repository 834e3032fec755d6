import { WeConnectError } from '@weconnect/contracts/errors'
import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { NodeProperty } from '@weconnect/contracts/node'
import type { CheerioAPI } from 'cheerio'
import { valueAt } from '../parameters/paths.ts'
import type { NodeContext } from '../sdk/node.ts'
import { choice, collection, group, groups, show, text, toggle } from '../sdk/property.ts'
import { bytesIn } from './binary-data.ts'
import { asNames, asObject, asObjects, asText, type Columns } from './per-item.ts'
import { withinTime } from './within-time.ts'

const sources = [
  ['Binary', 'binary'],
  ['JSON', 'json'],
] as const
const returned = [
  ['Attribute', 'attribute'],
  ['HTML', 'html'],
  ['Text', 'text'],
  ['Value', 'value'],
] as const

/** Parameters of what is to be extracted, the same in both nodes; `shown` says where. */
export const extractionProperties = (shown: { readonly [name: string]: readonly JsonValue[] }): readonly NodeProperty[] => [
  choice('Source Data', 'sourceData', sources, 'json', show(shown)),
  text('JSON Property', 'dataPropertyName', 'data', show(shown)),
  groups(
    'Extraction Values',
    'extractionValues',
    [
      group('Values', 'values', [
        text('Key', 'key'),
        text('CSS Selector', 'cssSelector'),
        choice('Return Value', 'returnValue', returned, 'text'),
        text('Attribute', 'attribute', '', show({ returnValue: ['attribute'] })),
        text('Skip Selectors', 'skipSelectors', '', show({ returnValue: ['text'], '@version': [{ _cnd: { gt: 1.1 } }] })),
        toggle('Return Array', 'returnArray', false),
      ]),
    ],
    { many: true, ...show(shown) },
  ),
  collection('Options', 'options', [toggle('Trim Values', 'trimValues', true), toggle('Clean Up Text', 'cleanUpText', true)], show(shown)),
]
export const extractionParameters = ['sourceData', 'dataPropertyName', 'extractionValues', 'options']

type Selection = ReturnType<CheerioAPI>
type ReadOne = (selection: Selection, wish: JsonObject) => JsonValue | undefined

/** Text with lines and lists, as a person would read it: from version 1.2 on. */
const readableText = async (): Promise<ReadOne> => {
  const { convert } = await import('html-to-text')
  return (selection, wish) =>
    convert(selection.html() ?? '', {
      selectors: asNames(wish['skipSelectors']).map((selector) => ({ selector, format: 'skip' })),
    })
}
const bareText: ReadOne = (selection) => selection.text()

const readOne =
  (textOf: ReadOne): ReadOne =>
  (selection, wish) => {
    switch (asText(wish['returnValue'], 'text')) {
      case 'attribute':
        return selection.attr(asText(wish['attribute']))
      case 'html':
        return selection.html() ?? undefined
      case 'value':
        return selection.val()
      default:
        return textOf(selection, wish)
    }
  }

const tidy = (value: JsonValue | undefined, options: JsonObject): JsonValue | undefined => {
  if (typeof value !== 'string') return value
  const trimmed = options['trimValues'] === true ? value.trim() : value
  return options['cleanUpText'] === true
    ? trimmed
        .trim()
        .replaceAll(/[\r\n]+/g, ' ')
        .replaceAll(/\s+/g, ' ')
    : trimmed
}

const extracted = ($: CheerioAPI, wishes: readonly JsonObject[], options: JsonObject, read: ReadOne): JsonObject => {
  const json: Record<string, JsonValue | undefined> = {}
  for (const wish of wishes) {
    const selection = $(asText(wish['cssSelector'])) as Selection
    const value =
      wish['returnArray'] === true
        ? selection.toArray().flatMap((element) => tidy(read($(element) as Selection, wish), options) ?? [])
        : tidy(read(selection, wish), options)
    const key = asText(wish['key'])
    if (key !== '__proto__') json[key] = value
  }
  return json
}

const sourcesOf = async (context: NodeContext, item: Item, index: number, read: Columns): Promise<readonly string[]> => {
  const name = asText(read('dataPropertyName', index), 'data')
  if (read('sourceData', index) === 'binary') return [(await bytesIn(context, item, name, index)).toString('utf8')]
  const value = valueAt(item.json, name)
  if (value === undefined) throw new WeConnectError('NODE_FAILED', `No property named "${name}" exists!`)
  return (Array.isArray(value) ? value : [value]).map((html) => asText(html as JsonValue))
}

/**
 * Items of the values that CSS selectors find in the HTML of an item: one for each text, when the property holds a list of them.
 * @param readable whether text is laid out for reading (version 1.2) or bare
 */
export const extractItem = async (
  context: NodeContext,
  item: Item,
  index: number,
  read: Columns,
  readable: boolean,
): Promise<readonly Item[]> => {
  const { load } = await import('cheerio')
  const readValue = readOne(readable ? await readableText() : bareText)
  const wishes = asObjects(asObject(read('extractionValues', index))['values'])
  const options = asObject(read('options', index))
  return (await sourcesOf(context, item, index, read)).map((html) => ({
    json: withinTime('Reading the HTML', () => extracted(load(html), wishes, options, readValue)),
    pairedItem: { item: index },
  }))
}
