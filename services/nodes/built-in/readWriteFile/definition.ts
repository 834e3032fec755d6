import type { NodeDefinition } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, collection, show, text, toggle } from '../../sdk/property.ts'

const operations = [
  ['Read File(s) From Disk', 'read'],
  ['Write File to Disk', 'write'],
] as const
const reading = show({ operation: ['read'] })
const writing = show({ operation: ['write'] })

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.readWriteFile',
  displayName: 'Read/Write Files from Disk',
  description: 'Read or write files from the computer that runs the workflow',
  category: 'data',
  color: '#2244FF',
  versions: [1, 1.1],
  properties: [
    choice('Operation', 'operation', operations, 'read'),
    text('File(s) Selector', 'fileSelector', '', { required: true, ...reading }),
    text('File Path and Name', 'fileName', '', { required: true, ...writing }),
    text('Input Binary Field', 'dataPropertyName', 'data', { required: true, ...writing }),
    collection(
      'Options',
      'options',
      [
        text('File Extension', 'fileExtension'),
        text('File Name', 'fileName'),
        text('MIME Type', 'mimeType'),
        text('Put Output File in Field', 'dataPropertyName', 'data'),
      ],
      reading,
    ),
    collection('Options', 'options', [toggle('Append', 'append', false)], writing),
  ],
  inputs: main,
  outputs: main,
  effects: 'external',
}
