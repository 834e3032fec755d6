import type { NodeDefinition } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, collection, show, text, toggle } from '../../sdk/property.ts'

const modes = [
  ['Binary to JSON', 'binaryToJson'],
  ['JSON to Binary', 'jsonToBinary'],
] as const
const toJson = { mode: ['binaryToJson'] }
const toBinary = { mode: ['jsonToBinary'] }

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.moveBinaryData',
  displayName: 'Convert to/from binary data',
  description: 'Move data between binary and JSON properties',
  category: 'data',
  color: '#7722CC',
  versions: [1, 1.1],
  properties: [
    choice('Mode', 'mode', modes, 'binaryToJson'),
    toggle('Set All Data', 'setAllData', true, show(toJson)),
    text('Source Key', 'sourceKey', 'data', { required: true, ...show({ ...toJson, setAllData: [true] }) }),
    text('Source Key', 'sourceKey', 'data', { required: true, ...show({ ...toJson, setAllData: [false] }) }),
    text('Destination Key', 'destinationKey', 'data', { required: true, ...show({ ...toJson, setAllData: [false] }) }),
    toggle('Convert All Data', 'convertAllData', true, show(toBinary)),
    text('Source Key', 'sourceKey', 'data', { required: true, ...show({ ...toBinary, convertAllData: [false] }) }),
    text('Destination Key', 'destinationKey', 'data', { required: true, ...show(toBinary) }),
    collection('Options', 'options', [
      toggle('Add Byte Order Mark (BOM)', 'addBOM', false),
      toggle('Data Is Base64', 'dataIsBase64', false),
      text('Encoding', 'encoding', 'utf8'),
      toggle('Strip BOM', 'stripBOM', true),
      text('File Name', 'fileName'),
      toggle('JSON Parse', 'jsonParse', false),
      toggle('Keep Source', 'keepSource', false),
      toggle('Keep As Base64', 'keepAsBase64', false),
      text('MIME Type', 'mimeType', 'application/json'),
      toggle('Use Raw Data', 'useRawData', false),
    ]),
  ],
  inputs: main,
  outputs: main,
  effects: 'pure',
}
