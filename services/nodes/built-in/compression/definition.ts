import type { NodeDefinition } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, show, text } from '../../sdk/property.ts'

const operations = [
  ['Compress', 'compress'],
  ['Decompress', 'decompress'],
] as const
const formats = [
  ['Gzip', 'gzip'],
  ['Zip', 'zip'],
] as const
const compress = { operation: ['compress'] }

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.compression',
  displayName: 'Compression',
  description: 'Compress and decompress files',
  category: 'data',
  color: '#408000',
  versions: [1, 1.1],
  properties: [
    choice('Operation', 'operation', operations, 'decompress'),
    text('Input Binary Field(s)', 'binaryPropertyName', 'data', { required: true }),
    choice('Output Format', 'outputFormat', formats, '', show({ ...compress, '@version': [1] })),
    choice('Output Format', 'outputFormat', formats, 'zip', show({ ...compress, '@version': [1.1] })),
    text('File Name', 'fileName', '', show({ ...compress, outputFormat: ['zip'] })),
    text('Put Output File in Field', 'binaryPropertyOutput', 'data', show({ ...compress, outputFormat: ['zip'] })),
    text('File Name', 'fileName', '', show({ ...compress, outputFormat: ['gzip'], '@version': [1.1] })),
    text('Put Output File in Field', 'binaryPropertyOutput', 'data', show({ ...compress, outputFormat: ['gzip'], '@version': [1.1] })),
    text('Output File Prefix', 'outputPrefix', 'data', show({ ...compress, outputFormat: ['gzip'], '@version': [1] })),
    text('Output Prefix', 'outputPrefix', 'file_', show({ operation: ['decompress'] })),
  ],
  inputs: main,
  outputs: main,
  effects: 'pure',
}
