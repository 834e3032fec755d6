import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { choice, collection, show, text, toggle } from '../../sdk/property.ts'
import { eachItem } from '../each-item.ts'
import { asObject, asText, type Columns } from '../per-item.ts'
import { plainData } from '../plain-data.ts'
import { withinTime } from '../within-time.ts'

type Options = Readonly<Record<string, JsonValue | undefined>>

const reachPrototypes = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Only the named options: a stranger's key is never handed to a library, nor a name of a key through which it would write to a prototype.
 * @throws WeConnectError NODE_FAILED for such a name
 */
const chosen = (options: JsonObject, names: readonly string[]): Options =>
  Object.fromEntries(
    names.flatMap((name): readonly (readonly [string, JsonValue])[] => {
      const value = options[name]
      if (value === undefined) return []
      if (typeof value === 'boolean') return [[name, value]]
      // A list would become a key only inside the library.
      const key = String(value)
      if (reachPrototypes.has(key)) throw new WeConnectError('NODE_FAILED', `The option "${name}" may not be "${key}"`)
      return [[name, key]]
    }),
  )

const parserOptions = [
  'attrkey',
  'charkey',
  'explicitArray',
  'explicitRoot',
  'ignoreAttrs',
  'mergeAttrs',
  'normalize',
  'normalizeTags',
  'trim',
]
const builderOptions = ['allowSurrogateChars', 'attrkey', 'cdata', 'charkey', 'headless', 'rootName']

/** The parser knows the five entities of XML and no others: none is fetched, none is expanded. */
const toJson = async (xml: string, options: JsonObject): Promise<JsonObject> => {
  const { Parser } = await import('xml2js')
  const parsed = withinTime('Reading the XML', () => {
    const parser = new Parser({ mergeAttrs: true, explicitArray: false, ...chosen(options, parserOptions) })
    let result: unknown
    let failure: Error | null = null
    parser.parseString(xml, (error, data) => {
      failure ??= error
      result = data
    })
    if (failure) throw new WeConnectError('NODE_FAILED', (failure as Error).message)
    return plainData(result)
  })
  return isJsonObject(parsed) ? parsed : {}
}

const toXml = async (json: JsonObject, options: JsonObject): Promise<string> => {
  const { Builder } = await import('xml2js')
  return withinTime('Writing the XML', () => new Builder(chosen(options, builderOptions)).buildObject(json))
}

const make = async (json: JsonObject, index: number, read: Columns): Promise<JsonObject> => {
  const name = asText(read('dataPropertyName', index), 'data')
  const options = asObject(read('options', index))
  if (read('mode', index) === 'jsonToxml') return { [name]: await toXml(json, options) }
  const xml = Object.hasOwn(json, name) ? json[name] : undefined
  if (xml === undefined) throw new WeConnectError('NODE_FAILED', `Item has no JSON property called "${name}"`)
  return toJson(asText(xml), options)
}

const modes = [
  ['JSON to XML', 'jsonToxml'],
  ['XML to JSON', 'xmlToJson'],
] as const

/** Turns XML into data and data into XML. */
export const xml: NodeType = {
  definition: {
    name: 'n8n-nodes-base.xml',
    displayName: 'XML',
    description: 'Convert data from and to XML',
    category: 'data',
    versions: [1],
    properties: [
      choice('Mode', 'mode', modes, 'xmlToJson'),
      text('Property Name', 'dataPropertyName', 'data', { required: true }),
      collection(
        'Options',
        'options',
        [
          toggle('Allow Surrogate Chars', 'allowSurrogateChars', false),
          text('Attribute Key', 'attrkey', '$'),
          toggle('Cdata', 'cdata', false),
          text('Character Key', 'charkey', '_'),
          toggle('Headless', 'headless', false),
          text('Root Name', 'rootName', 'root'),
        ],
        show({ mode: ['jsonToxml'] }),
      ),
      collection(
        'Options',
        'options',
        [
          text('Attribute Key', 'attrkey', '$'),
          text('Character Key', 'charkey', '_'),
          toggle('Explicit Array', 'explicitArray', false),
          toggle('Explicit Root', 'explicitRoot', true),
          toggle('Ignore Attributes', 'ignoreAttrs', false),
          toggle('Merge Attributes', 'mergeAttrs', true),
          toggle('Normalize', 'normalize', false),
          toggle('Normalize Tags', 'normalizeTags', false),
          toggle('Trim', 'trim', false),
        ],
        show({ mode: ['xmlToJson'] }),
      ),
    ],
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => [
    await eachItem(context, ['mode', 'dataPropertyName', 'options'], async (item, index, read) => ({
      json: await make(item.json, index, read),
      pairedItem: { item: index },
    })),
  ],
  validate: () => [],
}
