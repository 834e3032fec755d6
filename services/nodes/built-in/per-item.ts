import { WeConnectError } from '@weconnect/contracts/errors'
import type { Item } from '@weconnect/contracts/items'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { ItemRange, NodeContext } from '../sdk/node.ts'

/** Whether the node goes on after an item that failed. */
export const continues = (context: NodeContext): boolean => context.node.onError !== 'stopWorkflow'

/** The same data, paired with the item it came from: the engine stores a reference. */
export const passOn = (item: Item, index: number, input?: number): Item => {
  const pairedItem = input === undefined ? { item: index } : { item: index, input }
  return item.binary ? { json: item.json, binary: item.binary, pairedItem } : { json: item.json, pairedItem }
}

/** What comes out of a node that goes on after it failed for all its items at once: it stands for none of them. */
export const failedRun = (error: unknown): Item => ({ json: { error: error instanceof Error ? error.message : String(error) } })

/** What an item becomes that failed in a node that goes on. */
export const failedItem = (error: unknown, index: number): Item => ({ ...failedRun(error), pairedItem: { item: index } })

/** Reads a parameter of an item. @throws WeConnectError when its expression failed for this item */
export type Columns = (name: string, index: number) => JsonValue | undefined

/** One parameter for every item of a range; where an expression failed, the error in its place. */
const columnWithErrors = async (context: NodeContext, name: string, { from, to }: ItemRange): Promise<readonly unknown[]> => {
  const values: unknown[] = []
  for (let index = from; index < to; index++)
    values.push(await context.parameter(name, index).catch((error: unknown) => ({ [failed]: error })))
  return values
}
const failed = Symbol('failed expression')

const column = (context: NodeContext, name: string, range: ItemRange): Promise<readonly unknown[]> =>
  continues(context)
    ? context.parameterOfEach(name, undefined, range).catch(() => columnWithErrors(context, name, range))
    : (context.parameterOfEach(name, undefined, range) as Promise<readonly unknown[]>)

const readRange = async (context: NodeContext, names: readonly string[], range: ItemRange): Promise<Columns> => {
  const table = new Map<string, readonly unknown[]>()
  for (const name of names) table.set(name, await column(context, name, range))
  return (name, index) => {
    const value = table.get(name)?.[index - range.from]
    if (typeof value === 'object' && value !== null && failed in value) throw value[failed]
    return value as JsonValue | undefined
  }
}

/**
 * Parameters of every item of input 0, read in one call each. In a node that goes on after errors, an expression that fails for
 * some items fails only where these items are read.
 */
export const readColumns = (context: NodeContext, names: readonly string[], count: number): Promise<Columns> =>
  readRange(context, names, { from: 0, to: count })

/** So many that reading them costs little for each, so few that the values of one part are forgotten while they are young. */
const itemsOfPart = 1_000

/** The same part by part: what the values of one part hold need not stay until all items are done. */
export async function* columnsByPart(
  context: NodeContext,
  names: readonly string[],
  count: number,
): AsyncGenerator<ItemRange & { readonly read: Columns }> {
  for (let from = 0; from < count; from += itemsOfPart) {
    const range = { from, to: Math.min(count, from + itemsOfPart) }
    yield { ...range, read: await readRange(context, names, range) }
  }
}

export const nodeFailure = (context: NodeContext, message: string, parameter?: string, item?: number, cause?: Error): WeConnectError =>
  new WeConnectError('NODE_FAILED', message, {
    ...(cause && { cause }),
    problems: [
      {
        code: 'NODE_FAILED',
        message,
        node: context.node.name,
        ...(parameter === undefined ? {} : { parameter }),
        ...(item === undefined ? {} : { item }),
      },
    ],
  })

export const unsupported = (context: NodeContext, what: string, parameter: string): WeConnectError =>
  nodeFailure(context, `${what} is not supported yet`, parameter)

export const asText = (value: JsonValue | undefined, fallback = ''): string =>
  value === undefined || value === null ? fallback : typeof value === 'object' ? JSON.stringify(value) : String(value)
export const asObject = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {})
export const asList = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? (value as readonly JsonValue[]) : [])
export const asObjects = (value: JsonValue | undefined): readonly JsonObject[] => asList(value).filter(isJsonObject)
/** `a, b` or ['a', 'b'] as names. */
export const asNames = (value: JsonValue | undefined): readonly string[] =>
  (Array.isArray(value) ? value.map(String) : asText(value).split(',')).map((name) => name.trim()).filter(Boolean)
/** The plain value of a resource locator, or the value itself. */
export const locatorValue = (value: JsonValue | undefined): JsonValue | undefined =>
  isJsonObject(value) && value['__rl'] === true ? value['value'] : value
