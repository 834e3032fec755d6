import type { NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { show, text, toggle } from '../../sdk/property.ts'
import { bytesIn } from '../binary-data.ts'
import { eachItem } from '../each-item.ts'
import { readPdf } from '../pdf.ts'
import { asText } from '../per-item.ts'

/** Reads the text of a PDF. Its later form is Extract from File. */
export const readPDF: NodeType = {
  definition: {
    name: 'n8n-nodes-base.readPDF',
    displayName: 'Read PDF',
    description: 'Reads a PDF and extracts its content',
    category: 'data',
    color: '#003355',
    versions: [1],
    properties: [
      text('Input Binary Field', 'binaryPropertyName', 'data', { required: true }),
      toggle('Encrypted', 'encrypted', false),
      text('Password', 'password', '', { typeOptions: { password: true }, ...show({ encrypted: [true] }) }),
    ],
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => [
    await eachItem(context, ['binaryPropertyName', 'encrypted', 'password'], async (item, index, read) => {
      const bytes = await bytesIn(context, item, asText(read('binaryPropertyName', index), 'data'), index)
      const options = read('encrypted', index) === true ? { password: asText(read('password', index)) } : {}
      return { json: await readPdf(context, bytes, options), ...(item.binary && { binary: item.binary }), pairedItem: { item: index } }
    }),
  ],
  validate: () => [],
}
