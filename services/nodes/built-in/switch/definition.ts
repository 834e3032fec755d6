import type { NodeDefinition, NodeProperty } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, collection, dateTime, filterConditions, group, groups, number, show, since, text, toggle } from '../../sdk/property.ts'
import { numberOperations, stringOperations } from '../classic-conditions.ts'

const base = {
  name: 'n8n-nodes-base.switch',
  displayName: 'Switch',
  description: 'Route items depending on defined expression or rules',
  category: 'flow',
  color: '#506000',
  inputs: main,
  outputs: main,
  effects: 'pure',
} as const

const mode = choice(
  'Mode',
  'mode',
  [
    ['Expression', 'expression'],
    ['Rules', 'rules'],
  ],
  'rules',
  { noDataExpression: true },
)
const types = ['boolean', 'dateTime', 'number', 'string'] as const
const withoutEmpty = <Entry extends readonly [string, string]>(operations: readonly Entry[]) =>
  operations.filter(([, value]) => !value.startsWith('is'))

const operationsOf: Readonly<
  Record<(typeof types)[number], readonly [readonly (readonly [string, string])[], string, NodeProperty, NodeProperty]>
> = {
  boolean: [
    [
      ['Equal', 'equal'],
      ['Not Equal', 'notEqual'],
    ],
    'equal',
    toggle('Value 1', 'value1'),
    toggle('Value 2', 'value2'),
  ],
  dateTime: [
    [
      ['Occurred After', 'after'],
      ['Occurred Before', 'before'],
    ],
    'after',
    dateTime('Value 1', 'value1'),
    dateTime('Value 2', 'value2'),
  ],
  number: [withoutEmpty(numberOperations), 'smaller', number('Value 1', 'value1'), number('Value 2', 'value2')],
  string: [withoutEmpty(stringOperations), 'equal', text('Value 1', 'value1'), text('Value 2', 'value2')],
}

/** What one data type adds: the value to compare and its rules, each with `extra`. */
const rulesFor = (type: (typeof types)[number], extra: NodeProperty): readonly NodeProperty[] => {
  const [operations, first, value1, value2] = operationsOf[type]
  const shown = show({ dataType: [type], mode: ['rules'] })
  const rule = group('Rules', 'rules', [choice('Operation', 'operation', operations, first), value2, extra])
  return [{ ...value1, ...shown }, groups('Routing Rules', 'rules', [rule], { many: true, ...shown })]
}

const dataType = choice(
  'Data Type',
  'dataType',
  [
    ['Boolean', 'boolean'],
    ['Date & Time', 'dateTime'],
    ['Number', 'number'],
    ['String', 'string'],
  ],
  'number',
  show({ mode: ['rules'] }),
)

export const firstDefinition: NodeDefinition = {
  ...base,
  versions: [1],
  properties: [
    mode,
    number('Output', 'output', 0, show({ mode: ['expression'] })),
    dataType,
    ...types.flatMap((type) => rulesFor(type, number('Output', 'output', 0))),
    choice(
      'Fallback Output',
      'fallbackOutput',
      [
        ['None', -1],
        ['0', 0],
        ['1', 1],
        ['2', 2],
        ['3', 3],
      ],
      -1,
      show({ mode: ['rules'] }),
    ),
  ],
}

export const secondDefinition: NodeDefinition = {
  ...base,
  versions: [2],
  properties: [
    mode,
    number('Output', 'output', '', show({ mode: ['expression'] })),
    number('Number of Outputs', 'outputsAmount', 4, show({ mode: ['expression'] })),
    dataType,
    ...types.flatMap((type) => rulesFor(type, text('Output Key', 'outputKey'))),
    choice('Fallback Output', 'fallbackOutput', [['None', -1]], -1, show({ mode: ['rules'] })),
  ],
}

const rule = group('Values', 'values', [
  filterConditions('Conditions', 'conditions'),
  toggle('Rename Output', 'renameOutput', false),
  text('Output Name', 'outputKey', '', show({ renameOutput: [true] })),
])

export const definition: NodeDefinition = {
  ...base,
  versions: [3, 3.1, 3.2, 3.3, 3.4],
  properties: [
    mode,
    number('Number of Outputs', 'numberOutputs', 4, { noDataExpression: true, ...show({ mode: ['expression'] }) }),
    number('Output Index', 'output', '', show({ mode: ['expression'] })),
    groups('Routing Rules', 'rules', [rule], { many: true, ...show({ mode: ['rules'] }) }),
    toggle('Convert types where required', 'looseTypeValidation', false, show({ mode: ['rules'], '@version': [since(3.1)] })),
    collection(
      'Options',
      'options',
      [
        choice(
          'Fallback Output',
          'fallbackOutput',
          [
            ['None', 'none'],
            ['Extra Output', 'extra'],
          ],
          'none',
        ),
        toggle('Ignore Case', 'ignoreCase', true),
        toggle('Less Strict Type Validation', 'looseTypeValidation', true, show({ '@version': [{ _cnd: { lt: 3.1 } }] })),
        text('Rename Fallback Output', 'renameFallbackOutput', 'Fallback', show({ fallbackOutput: ['extra'] })),
        toggle('Send data to all matching outputs', 'allMatchingOutputs', false),
      ],
      show({ mode: ['rules'] }),
    ),
  ],
}
