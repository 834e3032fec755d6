import { isKept } from '@weconnect/contracts/binaries'
import type { BinaryData, Item } from '@weconnect/contracts/items'

/** Items with the bytes of their files in them, as the cases have them. */
export const withInlineFiles = async (
  items: readonly Item[] | null | undefined,
  bytesOf: (file: BinaryData) => Promise<Buffer>,
): Promise<readonly Item[] | null | undefined> => items && Promise.all(items.map((item) => withInline(item, bytesOf)))

const withInline = async (item: Item, bytesOf: (file: BinaryData) => Promise<Buffer>): Promise<Item> => {
  if (!item.binary) return item
  const binary: Record<string, BinaryData> = {}
  for (const [name, file] of Object.entries(item.binary)) {
    const { id: _, ...rest } = file
    binary[name] = isKept(file) ? { ...rest, data: (await bytesOf(file)).toString('base64') } : file
  }
  return { ...item, binary }
}
