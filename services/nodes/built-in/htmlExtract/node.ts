import type { NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { eachItem } from '../each-item.ts'
import { extractItem, extractionParameters, extractionProperties } from '../html-extraction.ts'

/** Reads values out of HTML: what the HTML node grew from. */
export const htmlExtract: NodeType = {
  definition: {
    name: 'n8n-nodes-base.htmlExtract',
    displayName: 'HTML Extract',
    description: 'Extracts data from HTML',
    category: 'data',
    versions: [1],
    properties: extractionProperties({}),
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => [
    await eachItem(context, extractionParameters, (item, index, read) => extractItem(context, item, index, read, false)),
  ],
  validate: () => [],
}
