import type { BinaryData, Item } from '@weconnect/contracts/items'
import type { NodeContext } from '../sdk/node.ts'
import { binaryOf, bytesIn } from './binary-data.ts'

/** A file of the allowed folders as an item carries it. @throws WeConnectError FILE_DENIED, FILE_FAILED */
export const readFile = async (context: NodeContext, path: string): Promise<BinaryData> => {
  const { base64 = '' } = await context.file({ kind: 'read', path })
  return binaryOf(Buffer.from(base64, 'base64'), path)
}

/** Paths that a pattern matches, sorted. */
export const listFiles = async (context: NodeContext, pattern: string): Promise<readonly string[]> =>
  (await context.file({ kind: 'list', pattern: pattern.replaceAll('\\', '/') })).paths ?? []

/** Writes a file of an item; the item afterwards, with the path in `fileName`. */
export const writeFile = async (
  context: NodeContext,
  item: Item,
  index: number,
  { path, property, append }: { readonly path: string; readonly property: string; readonly append: boolean },
): Promise<Item> => {
  const bytes = await bytesIn(context, item, property, index)
  await context.file({ kind: 'write', path, base64: bytes.toString('base64'), append })
  return { json: { ...item.json, fileName: path }, ...(item.binary && { binary: item.binary }), pairedItem: { item: index } }
}
