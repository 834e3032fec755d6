import type { BinaryData, Item } from '@weconnect/contracts/items'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { gzipped, ungzipped, unzipped, zipped } from '../archives.ts'
import { binaryIn, binaryOf } from '../binary-data.ts'
import { eachItem } from '../each-item.ts'
import { asNames, asText, type Columns, nodeFailure } from '../per-item.ts'
import { definition } from './definition.ts'

type Files = Record<string, BinaryData>
interface Given {
  readonly file: BinaryData
  readonly bytes: Buffer
}

const isGzip = ({ file, bytes }: Given): boolean => file.fileExtension === 'gz' || bytes.subarray(0, 2).toString('hex') === '1f8b'
const isZip = ({ file, bytes }: Given): boolean => file.fileExtension === 'zip' || bytes.subarray(0, 2).toString() === 'PK'

/** What is left of a name when its packing is gone. */
const unpackedName = ({ file: { fileName } }: Given): string | undefined => fileName?.replace(/\.gz$/i, '').replace(/\.tgz$/i, '.tar')

const decompress = async (context: NodeContext, given: readonly Given[], prefix: string, index: number): Promise<Files> => {
  const files: Files = {}
  const add = async (bytes: Buffer, name: string | undefined): Promise<void> => {
    files[`${prefix}${Object.keys(files).length}`] = await binaryOf(bytes, name)
  }
  for (const one of given) {
    if (isZip(one)) for (const { name, bytes } of await unzipped(one.bytes)) await add(Buffer.from(bytes), name)
    else if (isGzip(one)) await add(await ungzipped(one.bytes), unpackedName(one))
    else throw nodeFailure(context, 'The file is neither a zip nor a gzip archive', 'binaryPropertyName', index)
  }
  return files
}

const nameIn = ({ file: { fileName, fileExtension } }: Given, place: number): string =>
  fileName ?? `file_${place}${fileExtension ? `.${fileExtension}` : ''}`

const zip = async (given: readonly Given[], name: string, property: string): Promise<Files> => {
  const archive = await zipped(given.map((one, place) => ({ name: nameIn(one, place), bytes: one.bytes })))
  return { [property]: await binaryOf(archive, name || 'data.zip', 'application/zip') }
}

const gzip = async (given: readonly Given[], nameOf: (one: Given, place: number) => string, prefix: (place: number) => string) => {
  const files: Files = {}
  for (const [place, one] of given.entries())
    files[prefix(place)] = await binaryOf(await gzipped(one.bytes), nameOf(one, place), 'application/gzip')
  return files
}

const compress = async (context: NodeContext, given: readonly Given[], read: Columns, index: number): Promise<Files> => {
  const value = (name: string): string => asText(read(name, index))
  const output = value('binaryPropertyOutput') || 'data'
  switch (value('outputFormat')) {
    case 'zip':
      return zip(given, value('fileName'), output)
    case 'gzip':
      if (context.node.typeVersion === 1)
        return gzip(
          given,
          (one, place) => `${nameIn(one, place)}.gz`,
          (place) => `${value('outputPrefix')}${place}`,
        )
      return gzip(
        given,
        (one, place) => value('fileName') || `${nameIn(one, place)}.gz`,
        (place) => (place === 0 ? output : `${output}_${place}`),
      )
    default:
      throw nodeFailure(context, 'Choose an output format: zip or gzip', 'outputFormat', index)
  }
}

const parameters = ['operation', 'binaryPropertyName', 'outputFormat', 'fileName', 'binaryPropertyOutput', 'outputPrefix']

/** Packs files into zip or gzip archives, and unpacks them within limits. */
export const compression: NodeType = {
  definition,
  execute: async (context) => [
    await eachItem(context, parameters, async (item, index, read): Promise<Item> => {
      const given: Given[] = []
      for (const name of asNames(read('binaryPropertyName', index))) {
        const file = binaryIn(item, name, index)
        given.push({ file, bytes: await context.bytesOf(file) })
      }
      const binary =
        read('operation', index) === 'compress'
          ? await compress(context, given, read, index)
          : await decompress(context, given, asText(read('outputPrefix', index)), index)
      return { json: item.json, binary, pairedItem: { item: index } }
    }),
  ],
  validate: () => [],
}
