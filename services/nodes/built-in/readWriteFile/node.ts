import type { BinaryData, Item } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { eachItem } from '../each-item.ts'
import { listFiles, readFile, writeFile } from '../files-on-disk.ts'
import { asObject, asText, unsupported } from '../per-item.ts'
import { definition } from './definition.ts'

const renamed = (file: BinaryData, options: JsonObject): BinaryData => {
  const set = (name: 'fileName' | 'fileExtension' | 'mimeType') => (options[name] ? { [name]: asText(options[name]) } : {})
  return { ...file, ...set('fileName'), ...set('fileExtension'), ...set('mimeType') }
}

const described = ({ mimeType, fileType, fileName, fileExtension, fileSize }: BinaryData): JsonObject => ({
  mimeType,
  ...(fileType !== undefined && { fileType }),
  ...(fileName !== undefined && { fileName }),
  ...(fileExtension !== undefined && { fileExtension }),
  ...(fileSize !== undefined && { fileSize }),
})

const read = async (context: NodeContext, pattern: string, options: JsonObject, index: number): Promise<readonly Item[]> => {
  const property = asText(options['dataPropertyName']) || 'data'
  const items: Item[] = []
  for (const path of await listFiles(context, pattern)) {
    const file = renamed(await readFile(context, path), options)
    items.push({ json: described(file), binary: { [property]: file }, pairedItem: { item: index } })
  }
  return items
}

/** Reads the files that a pattern matches, or writes a file of each item, inside the folders that nodes may use. */
export const readWriteFile: NodeType = {
  definition,
  execute: async (context) => [
    await eachItem(context, ['operation', 'fileSelector', 'fileName', 'dataPropertyName', 'options'], (item, index, value) => {
      const operation = asText(value('operation', index), 'read')
      const options = asObject(value('options', index))
      if (operation === 'read') return read(context, asText(value('fileSelector', index)), options, index)
      if (operation !== 'write') throw unsupported(context, `Operation "${operation}"`, 'operation')
      const property = asText(value('dataPropertyName', index), 'data')
      return writeFile(context, item, index, { path: asText(value('fileName', index)), property, append: options['append'] === true })
    }),
  ],
  validate: () => [],
}
