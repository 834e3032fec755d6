import type { NodeDefinition } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, collection, show, text, toggle } from '../../sdk/property.ts'
import { pdfOptions, sheetReadOptions } from '../sheet-options.ts'
import { sheetFormats } from '../spreadsheets.ts'

const operations = [
  ['Extract From CSV', 'csv'],
  ['Extract From HTML', 'html'],
  ['Extract From JSON', 'fromJson'],
  ['Extract From ICS', 'fromIcs'],
  ['Extract From ODS', 'ods'],
  ['Extract From PDF', 'pdf'],
  ['Extract From RTF', 'rtf'],
  ['Extract From Text File', 'text'],
  ['Extract From XML', 'xml'],
  ['Extract From XLS', 'xls'],
  ['Extract From XLSX', 'xlsx'],
  ['Move File to Base64 String', 'binaryToPropery'],
] as const

const texts = show({ operation: ['fromJson', 'fromIcs', 'text', 'xml'] })
const moved = show({ operation: ['binaryToPropery'] })
const keepSource = choice(
  'Keep Source',
  'keepSource',
  [
    ['JSON', 'json'],
    ['Binary', 'binary'],
    ['Both', 'both'],
  ],
  'json',
)

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.extractFromFile',
  displayName: 'Extract from File',
  description: 'Convert binary data to JSON',
  category: 'data',
  color: '#2244FF',
  versions: [1, 1.1],
  properties: [
    choice('Operation', 'operation', operations, 'csv'),
    text('Input Binary Field', 'binaryPropertyName', 'data', { required: true }),
    text('Destination Output Field', 'destinationKey', 'data', {
      required: true,
      ...show({ operation: ['fromJson', 'fromIcs', 'text', 'xml', 'binaryToPropery'] }),
    }),
    collection('Options', 'options', sheetReadOptions, show({ operation: [...sheetFormats] })),
    collection('Options', 'options', [...pdfOptions, keepSource], show({ operation: ['pdf'] })),
    collection('Options', 'options', [text('File Encoding', 'encoding', 'utf8'), toggle('Strip BOM', 'stripBOM', true), keepSource], texts),
    collection('Options', 'options', [text('File Encoding', 'encoding', 'utf8'), keepSource], moved),
  ],
  inputs: main,
  outputs: main,
  effects: 'pure',
}
