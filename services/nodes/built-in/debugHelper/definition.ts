import type { NodeDefinition } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, number, show, text, toggle } from '../../sdk/property.ts'
import { randomKinds } from './random-data.ts'

const random = { category: ['randomData'] }
const shown = { ...random, randomDataType: ['nanoid'] }
export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.debugHelper',
  displayName: 'DebugHelper',
  description: 'Causes problems intentionally and generates useful data for debugging',
  category: 'core',
  color: '#03a9f4',
  versions: [1],
  properties: [
    choice(
      'Category',
      'category',
      [
        ['Do Nothing', 'doNothing'],
        ['Throw Error', 'throwError'],
        ['Out Of Memory', 'oom'],
        ['Generate Random Data', 'randomData'],
      ],
      'throwError',
    ),
    choice(
      'Error Type',
      'throwErrorType',
      [
        ['NodeApiError', 'NodeApiError'],
        ['NodeOperationError', 'NodeOperationError'],
        ['Error', 'Error'],
      ],
      'NodeApiError',
      show({ category: ['throwError'] }),
    ),
    text('Error Message', 'throwErrorMessage', 'Node has thrown an error', show({ category: ['throwError'] })),
    number('Memory Size to Generate', 'memorySizeValue', 10, show({ category: ['oom'] })),
    choice(
      'Data Type',
      'randomDataType',
      Object.keys(randomKinds).map((name) => [name, name]),
      'user',
      show(random),
    ),
    text('NanoId Alphabet', 'nanoIdAlphabet', '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', show(shown)),
    text('NanoId Length', 'nanoIdLength', '16', show(shown)),
    text('Seed', 'randomDataSeed', '', show(random)),
    number('Number of Items to Generate', 'randomDataCount', 10, show(random)),
    toggle('Output as Single Array', 'randomDataSingleArray', false, show(random)),
  ],
  inputs: main,
  outputs: main,
  effects: 'pure',
}
