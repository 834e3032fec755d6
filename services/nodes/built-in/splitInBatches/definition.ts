import type { NodeDefinition } from '@weconnect/contracts/node'
import { main, named } from '../../sdk/ports.ts'
import { collection, number, toggle } from '../../sdk/property.ts'

const about = {
  name: 'n8n-nodes-base.splitInBatches',
  category: 'core',
  color: '#007755',
  effects: 'pure',
  inputs: main,
} as const

const properties = (batchSize: number) => [
  number('Batch Size', 'batchSize', batchSize, { typeOptions: { minValue: 1 } }),
  collection('Options', 'options', [toggle('Reset', 'reset')]),
]

export const firstDefinition: NodeDefinition = {
  ...about,
  displayName: 'Split In Batches',
  description: 'Split data into batches and iterate over each batch',
  versions: [1],
  properties: properties(10),
  outputs: main,
}

export const secondDefinition: NodeDefinition = {
  ...about,
  displayName: 'Split In Batches',
  description: 'Split data into batches and iterate over each batch',
  versions: [2],
  properties: properties(10),
  outputs: named('loop', 'done'),
}

export const definition: NodeDefinition = {
  ...about,
  displayName: 'Loop Over Items (Split in Batches)',
  description: 'Split data into batches and iterate over each batch',
  versions: [3],
  properties: properties(1),
  outputs: named('done', 'loop'),
}
