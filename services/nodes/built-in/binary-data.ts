import { posix } from 'node:path'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { BinaryData, Item } from '@weconnect/contracts/items'
import type { NodeContext } from '../sdk/node.ts'

/** Bytes for people, three digits: `69 B`, `3.07 kB`, `1 MB`. */
export const sizeText = (bytes: number): string => {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), 4)
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${['B', 'kB', 'MB', 'GB', 'TB'][power]}`
}

/** How files begin, for bytes that come without a name. */
const beginnings: readonly (readonly [hex: string, mimeType: string])[] = [
  ['89504e47', 'image/png'],
  ['ffd8ff', 'image/jpeg'],
  ['47494638', 'image/gif'],
  ['25504446', 'application/pdf'],
  ['504b0304', 'application/zip'],
  ['1f8b', 'application/gzip'],
  ['494433', 'audio/mpeg'],
]
const sniffed = (bytes: Buffer): string => {
  const start = bytes.subarray(0, 8).toString('hex')
  return beginnings.find(([hex]) => start.startsWith(hex))?.[1] ?? 'text/plain'
}

const fileTypeOf = (mimeType: string): string | undefined => {
  const [kind = '', subtype = ''] = mimeType.split(';')[0]!.split('/')
  if (['json', 'pdf', 'html'].includes(subtype)) return subtype
  return ['image', 'audio', 'video', 'text'].includes(kind) ? kind : undefined
}

/**
 * Bytes as an item carries them.
 * @param path name of the file, with its folder when it was read from one
 * @param mimeType when absent: by the name, else by how the bytes begin
 */
export const binaryOf = async (bytes: Buffer, path?: string, mimeType?: string): Promise<BinaryData> => {
  const { extension, lookup } = await import('mime-types')
  const name = path?.replaceAll('\\', '/')
  const type = mimeType || (name && lookup(name)) || sniffed(bytes)
  const fileExtension = (name && posix.extname(name).slice(1)) || extension(type) || undefined
  const fileType = fileTypeOf(type)
  const directory = name && posix.dirname(name) !== '.' ? posix.dirname(name) : undefined
  return {
    mimeType: type,
    ...(fileType && { fileType }),
    ...(fileExtension && { fileExtension }),
    data: bytes.toString('base64'),
    ...(directory && { directory }),
    ...(name && { fileName: posix.basename(name) }),
    fileSize: sizeText(bytes.length),
    bytes: bytes.length,
  }
}

/** A binary field of an item. @throws WeConnectError NODE_FAILED when it is not there */
export const binaryIn = (item: Item | undefined, property: string, index: number): BinaryData => {
  const binary = item?.binary !== undefined && Object.hasOwn(item.binary, property) ? item.binary[property] : undefined
  if (binary !== undefined) return binary
  throw new WeConnectError(
    'NODE_FAILED',
    `This operation expects the node's input data to contain a binary file '${property}', but none was found [item ${index}]`,
  )
}

/** The bytes of a binary field. @throws WeConnectError NODE_FAILED when it is not there, PAYLOAD_UNREADABLE */
export const bytesIn = async (context: NodeContext, item: Item | undefined, property: string, index: number): Promise<Buffer> =>
  context.bytesOf(binaryIn(item, property, index))

/** Binary fields of an item but one; undefined when no other is left. */
export const otherFiles = (item: Item, property: string): Item['binary'] => {
  const others = Object.entries(item.binary ?? {}).filter(([name]) => name !== property)
  return others.length === 0 ? undefined : Object.fromEntries(others)
}
