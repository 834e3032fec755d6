import type { NodeDefinition } from '@weconnect/contracts/node'
import { named } from '../../sdk/ports.ts'
import { choice, collection, group, groups, show, since, text, toggle, until } from '../../sdk/property.ts'

const pair = group('Values', 'values', [
  text('Input A Field', 'field1', '', { required: true }),
  text('Input B Field', 'field2', '', { required: true }),
])
const resolutions = [
  ['Use Input A Version', 'preferInput1'],
  ['Use Input B Version', 'preferInput2'],
  ['Use a Mix of Versions', 'mix'],
  ['Include Both Versions', 'includeBoth'],
] as const
const resolve = (value: string, version: Parameters<typeof show>[0]) =>
  choice('When There Are Differences', 'resolve', resolutions, value, show(version))
const fuzzy = toggle('Fuzzy Compare', 'fuzzyCompare', false)

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.compareDatasets',
  displayName: 'Compare Datasets',
  description: 'Compare two inputs for changes',
  category: 'flow',
  versions: [1, 2, 2.1, 2.2, 2.3],
  properties: [
    groups('Fields to Match', 'mergeByFields', [pair], { many: true, value: { values: [{ field1: '', field2: '' }] } }),
    resolve('preferInput2', { '@version': [until(1)] }),
    resolve('includeBoth', { '@version': [since(2)] }),
    { ...fuzzy, ...show({ '@version': [since(2)] }) },
    choice(
      'Prefer',
      'preferWhenMix',
      [
        ['Input A Version', 'input1'],
        ['Input B Version', 'input2'],
      ],
      'input1',
      show({ resolve: ['mix'] }),
    ),
    text('For Everything Except', 'exceptWhenMix', '', show({ resolve: ['mix'] })),
    collection('Options', 'options', [
      text('Fields to Skip Comparing', 'skipFields'),
      { ...fuzzy, ...show({ '@version': [until(1)] }) },
      toggle('Disable Dot Notation', 'disableDotNotation', false),
      choice(
        'Multiple Matches',
        'multipleMatches',
        [
          ['Include First Match Only', 'first'],
          ['Include All Matches', 'all'],
        ],
        'first',
      ),
    ]),
  ],
  inputs: named('Input A', 'Input B'),
  outputs: named('In A only', 'Same', 'Different', 'In B only'),
  effects: 'pure',
}
