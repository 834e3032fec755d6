import type { Item } from '@weconnect/contracts/items'
import type { NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { text } from '../../sdk/property.ts'
import { listFiles, readFile } from '../files-on-disk.ts'
import { asText } from '../per-item.ts'

/** Makes an item of each file that a pattern matches. Its later form is Read/Write Files from Disk. */
export const readBinaryFiles: NodeType = {
  definition: {
    name: 'n8n-nodes-base.readBinaryFiles',
    displayName: 'Read Binary Files',
    description: 'Reads binary files from disk',
    category: 'data',
    color: '#44AA44',
    versions: [1],
    properties: [
      text('File Selector', 'fileSelector', '', { required: true }),
      text('Property Name', 'dataPropertyName', 'data', { required: true }),
    ],
    inputs: main,
    outputs: main,
    effects: 'external',
  },
  execute: async (context) => {
    const property = asText(await context.parameter('dataPropertyName', 0), 'data')
    const pairedItem = (await context.items()).map((_, item) => ({ item }))
    const items: Item[] = []
    for (const path of await listFiles(context, asText(await context.parameter('fileSelector', 0))))
      items.push({ json: {}, binary: { [property]: await readFile(context, path) }, pairedItem })
    return [items]
  },
  validate: () => [],
}
