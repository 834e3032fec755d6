import { isJsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { aggregate } from '../aggregate/node.ts'
import { limit } from '../limit/node.ts'
import { asObjects, asText } from '../per-item.ts'
import { removeDuplicatesClassic } from '../removeDuplicates/node.ts'
import { sort } from '../sort/node.ts'
import { splitOut } from '../splitOut/node.ts'
import { summarize } from '../summarize/node.ts'

interface Operation {
  /** The node that does the same on its own. */
  readonly node: NodeType
  /** Its version that behaves as this version of Item Lists does. */
  readonly versionOf: (typeVersion: number) => number
}
const one = () => 1

/** By the name that the parameter `operation` has for them. */
export const operations: Readonly<Record<string, Operation>> = {
  aggregateItems: { node: aggregate, versionOf: one },
  concatenateItems: { node: aggregate, versionOf: one },
  limit: { node: limit, versionOf: one },
  removeDuplicates: { node: removeDuplicatesClassic, versionOf: (typeVersion) => (typeVersion < 3.1 ? 1 : 1.1) },
  sort: { node: sort, versionOf: one },
  splitOutItems: { node: splitOut, versionOf: one },
  summarize: { node: summarize, versionOf: one },
}

/** Parameters that list fields; before version 3 a collection of `{fieldName}`. */
export const fieldLists = ['fieldsToCompare', 'fieldsToExclude', 'fieldsToInclude'] as const

const asFieldNames = (value: JsonValue | undefined): JsonValue | undefined =>
  isJsonObject(value) ? asObjects(value['fields']).map(({ fieldName }) => asText(fieldName)) : value

type Parameters = Pick<NodeContext, 'parameter' | 'parameterOfEach' | 'node'>

/** The context as the node that does the work expects it. */
export const contextFor = (context: NodeContext, { versionOf }: Operation): NodeContext => {
  const isList = (name: string) => (fieldLists as readonly string[]).includes(name)
  const own: Parameters = {
    node: { ...context.node, typeVersion: versionOf(context.node.typeVersion) },
    parameter: async (name, index, fallback) => {
      const value = await context.parameter(name, index, fallback)
      return isList(name) ? asFieldNames(value) : value
    },
    parameterOfEach: async (name, fallback, range) => {
      const values = await context.parameterOfEach(name, fallback, range)
      return isList(name) ? values.map(asFieldNames) : values
    },
  }
  return new Proxy(context, {
    get: (target, key) => {
      if (Object.hasOwn(own, key)) return own[key as keyof Parameters]
      const member: unknown = Reflect.get(target, key, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
