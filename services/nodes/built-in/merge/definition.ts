import type { NodeDefinition, NodeProperty } from '@weconnect/contracts/node'
import { main, named } from '../../sdk/ports.ts'
import { choice, collection, group, groups, number, show, text, toggle } from '../../sdk/property.ts'

const base = {
  name: 'n8n-nodes-base.merge',
  displayName: 'Merge',
  description: 'Merges data of multiple streams once data from both is available',
  category: 'flow',
  inputs: named('Input 1', 'Input 2'),
  outputs: main,
  effects: 'pure',
} as const

const byKey = ['keepKeyMatches', 'mergeByKey', 'removeKeyMatches']

export const firstDefinition: NodeDefinition = {
  ...base,
  versions: [1],
  properties: [
    choice(
      'Mode',
      'mode',
      [
        ['Append', 'append'],
        ['Keep Key Matches', 'keepKeyMatches'],
        ['Merge By Index', 'mergeByIndex'],
        ['Merge By Key', 'mergeByKey'],
        ['Multiplex', 'multiplex'],
        ['Pass-Through', 'passThrough'],
        ['Remove Key Matches', 'removeKeyMatches'],
        ['Wait', 'wait'],
      ],
      'append',
    ),
    choice(
      'Join',
      'join',
      [
        ['Inner Join', 'inner'],
        ['Left Join', 'left'],
        ['Outer Join', 'outer'],
      ],
      'left',
      show({ mode: ['mergeByIndex'] }),
    ),
    text('Property Input 1', 'propertyName1', '', { required: true, ...show({ mode: byKey }) }),
    text('Property Input 2', 'propertyName2', '', { required: true, ...show({ mode: byKey }) }),
    choice(
      'Output Data',
      'output',
      [
        ['Input 1', 'input1'],
        ['Input 2', 'input2'],
      ],
      'input1',
      show({ mode: ['passThrough'] }),
    ),
    choice(
      'Overwrite',
      'overwrite',
      [
        ['Always', 'always'],
        ['If Blank', 'blank'],
        ['If Missing', 'undefined'],
      ],
      'always',
      show({ mode: ['mergeByKey'] }),
    ),
  ],
}

const joinModes = [
  ['Keep Matches', 'keepMatches'],
  ['Keep Non-Matches', 'keepNonMatches'],
  ['Keep Everything', 'keepEverything'],
  ['Enrich Input 1', 'enrichInput1'],
  ['Enrich Input 2', 'enrichInput2'],
] as const
const sources = [
  ['Both Inputs Merged Together', 'both'],
  ['Input 1', 'input1'],
  ['Input 2', 'input2'],
] as const

const clash = groups('Clash Handling', 'clashHandling', [
  group('Values', 'values', [
    text('When Field Values Clash', 'resolveClash', ''),
    choice(
      'Merging Nested Fields',
      'mergeMode',
      [
        ['Deep Merge', 'deepMerge'],
        ['Shallow Merge', 'shallowMerge'],
      ],
      'deepMerge',
    ),
    toggle('Minimize Empty Fields', 'overrideEmpty', false),
  ]),
])
const options = collection('Options', 'options', [
  { ...clash, default: { values: { resolveClash: '', mergeMode: 'deepMerge', overrideEmpty: false } } },
  toggle('Disable Dot Notation', 'disableDotNotation', false),
  toggle('Fuzzy Compare', 'fuzzyCompare', false),
  toggle('Include Any Unpaired Items', 'includeUnpaired', false),
  choice(
    'Multiple Matches',
    'multipleMatches',
    [
      ['Include All Matches', 'all'],
      ['Include First Match Only', 'first'],
    ],
    'all',
  ),
])
const matchPairs = (shown: ReturnType<typeof show>): NodeProperty =>
  groups(
    'Fields to Match',
    'mergeByFields',
    [group('Values', 'values', [text('Input 1 Field', 'field1'), text('Input 2 Field', 'field2')])],
    {
      many: true,
      value: { values: [{ field1: '', field2: '' }] },
      ...shown,
    },
  )
const fieldProperties = (fields: Readonly<Record<string, readonly string[]>>): readonly NodeProperty[] => [
  choice('Output Type', 'joinMode', joinModes, 'keepMatches', show(fields)),
  choice('Output Data From', 'outputDataFrom', sources, 'both', show({ ...fields, joinMode: ['keepMatches'] })),
  choice('Output Data From', 'outputDataFrom', sources, 'both', show({ ...fields, joinMode: ['keepNonMatches'] })),
]

const secondFields = { mode: ['combine'], combinationMode: ['mergeByFields'] }
export const secondDefinition: NodeDefinition = {
  ...base,
  versions: [2, 2.1],
  properties: [
    choice(
      'Mode',
      'mode',
      [
        ['Append', 'append'],
        ['Combine', 'combine'],
        ['Choose Branch', 'chooseBranch'],
      ],
      'append',
    ),
    choice(
      'Combination Mode',
      'combinationMode',
      [
        ['Merge By Fields', 'mergeByFields'],
        ['Merge By Position', 'mergeByPosition'],
        ['Multiplex', 'multiplex'],
      ],
      'mergeByFields',
      show({ mode: ['combine'] }),
    ),
    matchPairs(show(secondFields)),
    ...fieldProperties(secondFields),
    choice(
      'Output Type',
      'chooseBranchMode',
      [['Wait for Both Inputs to Arrive', 'waitForBoth']],
      'waitForBoth',
      show({ mode: ['chooseBranch'] }),
    ),
    choice(
      'Output',
      'output',
      [
        ['Input 1 Data', 'input1'],
        ['Input 2 Data', 'input2'],
        ['A Single, Empty Item', 'empty'],
      ],
      'input1',
      show({ mode: ['chooseBranch'], chooseBranchMode: ['waitForBoth'] }),
    ),
    { ...options, ...show({ mode: ['combine'] }) },
  ],
}

const thirdFields = { mode: ['combine'], combineBy: ['combineByFields'] }
export const definition: NodeDefinition = {
  ...base,
  versions: [3, 3.1, 3.2],
  properties: [
    choice(
      'Mode',
      'mode',
      [
        ['Append', 'append'],
        ['Combine', 'combine'],
        ['SQL Query', 'combineBySql'],
        ['Choose Branch', 'chooseBranch'],
      ],
      'append',
    ),
    choice(
      'Combine By',
      'combineBy',
      [
        ['Matching Fields', 'combineByFields'],
        ['Position', 'combineByPosition'],
        ['All Possible Combinations', 'combineAll'],
      ],
      'combineByFields',
      show({ mode: ['combine'] }),
    ),
    text('Query', 'query', 'SELECT * FROM input1 LEFT JOIN input2 ON input1.name = input2.id', show({ mode: ['combineBySql'] })),
    toggle('Fields To Match Have Different Names', 'advanced', false, show(thirdFields)),
    text('Fields to Match', 'fieldsToMatchString', '', show({ ...thirdFields, advanced: [false] })),
    matchPairs(show({ ...thirdFields, advanced: [true] })),
    ...fieldProperties(thirdFields),
    number('Number of Inputs', 'numberInputs', 2, {
      noDataExpression: true,
      ...show({ mode: ['append', 'combineBySql', 'chooseBranch'] }),
    }),
    number('Number of Inputs', 'numberInputs', 2, {
      noDataExpression: true,
      ...show({ mode: ['combine'], combineBy: ['combineByPosition'] }),
    }),
    choice(
      'Output Type',
      'chooseBranchMode',
      [['Wait for All Inputs to Arrive', 'waitForAll']],
      'waitForAll',
      show({ mode: ['chooseBranch'] }),
    ),
    choice(
      'Output',
      'output',
      [
        ['Data of Specified Input', 'specifiedInput'],
        ['A Single, Empty Item', 'empty'],
      ],
      'specifiedInput',
      show({ mode: ['chooseBranch'], chooseBranchMode: ['waitForAll'] }),
    ),
    number('Use Data of Input', 'useDataOfInput', 1, show({ mode: ['chooseBranch'], output: ['specifiedInput'] })),
    { ...options, ...show({ mode: ['combine'] }) },
    collection(
      'Options',
      'options',
      [
        choice(
          'Empty Query Result',
          'emptyQueryResult',
          [
            ['Success', 'success'],
            ['Empty Result', 'empty'],
          ],
          'empty',
        ),
      ],
      show({ mode: ['combineBySql'] }),
    ),
  ],
}
