import type { NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { text } from '../../sdk/property.ts'
import { eachItem } from '../each-item.ts'
import { readFile } from '../files-on-disk.ts'
import { asText } from '../per-item.ts'

/** Puts a file into each item. Its later form is Read/Write Files from Disk. */
export const readBinaryFile: NodeType = {
  definition: {
    name: 'n8n-nodes-base.readBinaryFile',
    displayName: 'Read Binary File',
    description: 'Reads a binary file from disk',
    category: 'data',
    color: '#449922',
    versions: [1],
    properties: [
      text('File Path', 'filePath', '', { required: true }),
      text('Property Name', 'dataPropertyName', 'data', { required: true }),
    ],
    inputs: main,
    outputs: main,
    effects: 'external',
  },
  execute: async (context) => [
    await eachItem(context, ['filePath', 'dataPropertyName'], async (item, index, read) => ({
      json: item.json,
      binary: {
        ...item.binary,
        [asText(read('dataPropertyName', index), 'data')]: await readFile(context, asText(read('filePath', index))),
      },
      pairedItem: { item: index },
    })),
  ],
  validate: () => [],
}
