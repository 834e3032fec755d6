import { type Binaries, isKept, keptData, maxInlineBytes } from '@weconnect/contracts/binaries'
import type { BinaryData, Item, Outputs } from '@weconnect/contracts/items'

/** The bytes of a file that an item carries. @throws WeConnectError PAYLOAD_UNREADABLE */
export const bytesOf = async (binary: BinaryData, organisationId: string, binaries: Binaries): Promise<Buffer> =>
  isKept(binary) ? binaries.read(organisationId, binary.id) : Buffer.from(binary.data, 'base64')

/** What stands in an item for a file whose bytes come one after the other. Durable when it resolves. @throws what `pieces` throws */
export const keepFile = async (
  pieces: AsyncIterable<Buffer>,
  organisationId: string,
  binaries: Binaries,
): Promise<Pick<BinaryData, 'data' | 'id' | 'bytes'>> => ({ data: keptData, ...(await binaries.keepPieces(organisationId, pieces)) })

/** Characters of base64 that may stay. */
const maxInlineLength = Math.ceil(maxInlineBytes / 3) * 4

const isLarge = ({ data }: BinaryData): boolean => typeof data === 'string' && data.length > maxInlineLength
const hasLarge = ({ binary }: Item): boolean => binary !== undefined && Object.values(binary).some(isLarge)

const claimed = async (file: BinaryData, organisationId: string, binaries: Binaries): Promise<BinaryData> => {
  if (!isLarge(file)) return file
  const bytes = Buffer.from(file.data, 'base64')
  return { ...file, data: keptData, id: await binaries.keep(organisationId, bytes), bytes: bytes.length }
}

const claimItem = async (item: Item, organisationId: string, binaries: Binaries): Promise<Item> => {
  if (!hasLarge(item)) return item
  const binary: Record<string, BinaryData> = {}
  for (const [name, file] of Object.entries(item.binary ?? {})) binary[name] = await claimed(file, organisationId, binaries)
  return { ...item, binary }
}

export const hasLargeFiles = (outputs: Outputs): boolean => outputs.some((items) => items?.some(hasLarge))

/**
 * Large files leave the items for the store of files; what is not large, and every item without one, is the very same object as before.
 * Durable when it resolves, so that an event may name them.
 */
export const claimFiles = async (outputs: Outputs, organisationId: string, binaries: Binaries): Promise<Outputs> => {
  const left: (readonly Item[] | null)[] = []
  for (const items of outputs) {
    const list: Item[] = []
    for (const item of items ?? []) list.push(await claimItem(item, organisationId, binaries))
    left.push(items && list)
  }
  return left
}
