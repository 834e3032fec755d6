import type { Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { asObject, asText, type Columns, continues, failedItem, nodeFailure, readColumns } from '../per-item.ts'
import { answerToData, BadAnswer } from './answer.ts'
import { BadParameter } from './body.ts'
import { definition } from './definition.ts'
import { requestOf, responseOptionsOf } from './request.ts'

const parameters = [...new Set(definition.properties.map(({ name }) => name))]

/** Requests on their way at the same time when the node does not say. */
const atOnce = 20

const boundaryFrom = async (context: NodeContext): Promise<string> =>
  `----WeConnectFormBoundary${Math.floor((await context.random()) * 2 ** 52).toString(36)}`

/** The items that one input item becomes. */
const requestItem = async (context: NodeContext, read: Columns, boundary: string, index: number): Promise<readonly Item[]> => {
  const readItem = (name: string) => read(name, index)
  const response = await context.http(requestOf(readItem, boundary))
  if (response.status >= 400) await context.log('warn', `Item ${index}: status ${response.status}: ${response.body.slice(0, 1000)}`)
  const data = answerToData(response, responseOptionsOf(asObject(readItem('options'))))
  return data.map((json) => ({ json, pairedItem: { item: index } }))
}

const asNodeError = (context: NodeContext, error: unknown, index: number): unknown => {
  if (error instanceof BadParameter) return nodeFailure(context, error.message, error.parameter, index)
  return error instanceof BadAnswer ? nodeFailure(context, error.message, undefined, index) : error
}

/** One request per item; a batch is on its way at once, in the order of the items. The pause between batches is not kept. */
const execute = async (context: NodeContext): Promise<readonly (readonly Item[])[]> => {
  const { length } = await context.items()
  const read = await readColumns(context, parameters, length)
  const boundary = await boundaryFrom(context)
  const one = async (index: number): Promise<readonly Item[]> => {
    try {
      return await requestItem(context, read, boundary, index)
    } catch (error) {
      context.signal.throwIfAborted()
      if (!continues(context)) throw asNodeError(context, error, index)
      return [failedItem(error, index)]
    }
  }
  const size = length === 0 ? atOnce : batchSizeOf(asObject(read('options', 0)))
  const items: Item[] = []
  for (let start = 0; start < length; start += size) {
    const batch = Array.from({ length: Math.min(size, length - start) }, (_, offset) => one(start + offset))
    for (const settled of await Promise.allSettled(batch)) {
      if (settled.status === 'rejected') throw settled.reason
      items.push(...settled.value)
    }
  }
  return [items]
}

const batchSizeOf = (options: JsonObject): number => {
  const size = Number(asObject(asObject(options['batching'])['batch'])['batchSize'] ?? atOnce)
  return size >= 1 ? Math.floor(size) : atOnce
}

/** HTTP Request, version 4 and its minor versions. */
export const httpRequest: NodeType = {
  definition,
  execute,
  validate: ({ url }) => (asText(url).trim() === '' ? [{ parameter: 'url', message: 'Parameter "URL" is required' }] : []),
}
