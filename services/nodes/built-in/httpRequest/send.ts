import type { Item } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import type { NodeContext } from '../../sdk/node.ts'
import { asObject, type Columns, continues, nodeFailure, readColumns } from '../per-item.ts'
import { BadAnswer, itemsOfAnswer } from './answer.ts'
import { BadParameter, type BodySource, type Read } from './body.ts'
import { type Pagination, paginate } from './pagination.ts'
import type { Plan } from './request.ts'

/** How the versions of the node differ. */
export interface Way {
  /** Parameters that are read. */
  readonly names: readonly string[]
  plan(read: Read, source: BodySource): Promise<Plan>
  /** Items per batch and milliseconds between batches. */
  batch(read: Read): { readonly size: number; readonly intervalMs: number }
  pagination(context: NodeContext): Promise<Pagination | undefined>
  /** What an item that failed carries. */
  failure(error: unknown): JsonValue
}

/** Requests on their way at the same time when the node does not say. */
const atOnce = 20

const boundaryFrom = async (context: NodeContext): Promise<string> =>
  `----WeConnectFormBoundary${Math.floor((await context.random()) * 2 ** 52).toString(36)}`

const asNodeError = (context: NodeContext, error: unknown, index: number): unknown => {
  if (error instanceof BadParameter) return nodeFailure(context, error.message, error.parameter, index)
  return error instanceof BadAnswer ? nodeFailure(context, error.message, undefined, index, error) : error
}

/** Batch of an option `{batchSize, batchInterval}`; a size below 1 is no limit of the user's. */
export const batchOf = (size: JsonValue | undefined, interval: JsonValue | undefined): ReturnType<Way['batch']> => ({
  size: Number(size) >= 1 ? Math.floor(Number(size)) : atOnce,
  intervalMs: size === undefined || interval === undefined ? 0 : Math.max(0, Number(interval)),
})

const requestItem = async (context: NodeContext, way: Way, columns: Columns, source: BodySource): Promise<readonly Item[]> => {
  const { index, item } = source
  const { request, ...plan } = await way.plan((name) => columns(name, index), source)
  const ofItem = { ...request, item: index }
  const pagination = await way.pagination(context)
  const answers = pagination ? await paginate(context, { ...plan, request: ofItem }, pagination, index) : [await context.http(ofItem)]
  const items: Item[] = []
  for (const answer of answers) {
    if (answer.status >= 400) await context.log('warn', `Item ${index}: status ${answer.status}: ${answer.body.slice(0, 1000)}`)
    for (const made of await itemsOfAnswer(answer, plan.response, item)) items.push({ ...made, pairedItem: { item: index } })
  }
  return items
}

/** One request per item (or several, page by page); a batch is on its way at once, in the order of the items. */
export const sendEach = async (context: NodeContext, way: Way): Promise<readonly (readonly Item[])[]> => {
  const inputs = await context.items()
  const columns = await readColumns(context, way.names, inputs.length)
  const boundary = await boundaryFrom(context)
  const one = async (index: number): Promise<readonly Item[]> => {
    try {
      return await requestItem(context, way, columns, { context, item: inputs[index], index, boundary })
    } catch (error) {
      context.signal.throwIfAborted()
      if (!continues(context)) throw asNodeError(context, error, index)
      return [{ json: { error: way.failure(error) }, pairedItem: { item: index } }]
    }
  }
  const { size, intervalMs } = inputs.length === 0 ? { size: atOnce, intervalMs: 0 } : way.batch((name) => columns(name, 0))
  const items: Item[] = []
  for (let start = 0; start < inputs.length; start += size) {
    if (start > 0 && intervalMs > 0) await context.wait(intervalMs)
    const batch = Array.from({ length: Math.min(size, inputs.length - start) }, (_, offset) => one(start + offset))
    for (const settled of await Promise.allSettled(batch)) {
      if (settled.status === 'rejected') throw settled.reason
      items.push(...settled.value)
    }
  }
  return [items]
}

export const batchingOf = (value: JsonValue | undefined): ReturnType<Way['batch']> => {
  const batch = asObject(asObject(value)['batch'])
  return batchOf(batch['batchSize'], batch['batchInterval'])
}
