import type { NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { collection, text, toggle } from '../../sdk/property.ts'
import { eachItem } from '../each-item.ts'
import { writeFile } from '../files-on-disk.ts'
import { asObject, asText } from '../per-item.ts'

/** Writes a file of each item to disk. Its later form is Read/Write Files from Disk. */
export const writeBinaryFile: NodeType = {
  definition: {
    name: 'n8n-nodes-base.writeBinaryFile',
    displayName: 'Write Binary File',
    description: 'Writes a binary file to disk',
    category: 'data',
    color: '#CC2233',
    versions: [1],
    properties: [
      text('File Name', 'fileName', '', { required: true }),
      text('Property Name', 'dataPropertyName', 'data', { required: true }),
      collection('Options', 'options', [toggle('Append', 'append', false)]),
    ],
    inputs: main,
    outputs: main,
    effects: 'external',
  },
  execute: async (context) => [
    await eachItem(context, ['fileName', 'dataPropertyName', 'options'], (item, index, read) =>
      writeFile(context, item, index, {
        path: asText(read('fileName', index)),
        property: asText(read('dataPropertyName', index), 'data'),
        append: asObject(read('options', index))['append'] === true,
      }),
    ),
  ],
  validate: () => [],
}
