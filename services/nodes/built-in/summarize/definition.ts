import type { NodeDefinition } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, collection, group, groups, show, text, toggle } from '../../sdk/property.ts'

const aggregations = [
  ['Append', 'append'],
  ['Average', 'average'],
  ['Concatenate', 'concatenate'],
  ['Count', 'count'],
  ['Count Unique', 'countUnique'],
  ['Max', 'max'],
  ['Min', 'min'],
  ['Sum', 'sum'],
] as const
const separators = [
  ['Comma', ','],
  ['Comma and Space', ', '],
  ['New Line', '\n'],
  ['None', ''],
  ['Space', ' '],
  ['Other', 'other'],
] as const

const field = group('Field', 'values', [
  choice('Aggregation', 'aggregation', aggregations, 'count'),
  text('Field', 'field'),
  toggle('Include Empty Values', 'includeEmpty', false, show({ aggregation: ['append', 'concatenate', 'count', 'countUnique'] })),
  choice('Separator', 'separateBy', separators, ',', show({ aggregation: ['concatenate'] })),
  text('Custom Separator', 'customSeparator', '', show({ aggregation: ['concatenate'], separateBy: ['other'] })),
])

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.summarize',
  displayName: 'Summarize',
  description: 'Sum, count, max, etc. across items',
  category: 'data',
  versions: [1, 1.1],
  properties: [
    groups('Fields to Summarize', 'fieldsToSummarize', [field], {
      many: true,
      value: { values: [{ aggregation: 'count', field: '' }] },
    }),
    text('Fields to Split By', 'fieldsToSplitBy'),
    collection('Options', 'options', [
      toggle('Continue if Field Not Found', 'continueIfFieldNotFound', false),
      toggle('Disable Dot Notation', 'disableDotNotation', false),
      choice(
        'Output Format',
        'outputFormat',
        [
          ['Each Split in a Separate Item', 'separateItems'],
          ['All Splits in a Single Item', 'singleItem'],
        ],
        'separateItems',
      ),
      toggle('Ignore items without valid fields to group by', 'skipEmptySplitFields', false),
    ]),
  ],
  inputs: main,
  outputs: main,
  effects: 'pure',
}
