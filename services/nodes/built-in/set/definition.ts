import type { NodeDefinition, NodeProperty } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { assignments, choice, collection, group, groups, json, number, show, since, text, toggle, until } from '../../sdk/property.ts'

const base = {
  name: 'n8n-nodes-base.set',
  category: 'data',
  color: '#0000FF',
  inputs: main,
  outputs: main,
  effects: 'pure',
} as const

const dotNotation = toggle('Support Dot Notation', 'dotNotation', true)
const namedValue = (displayName: string, name: string, value: NodeProperty) =>
  group(displayName, name, [text('Name', 'name', 'propertyName'), { ...value, displayName: 'Value', name: 'value' }])

export const classicDefinition: NodeDefinition = {
  ...base,
  displayName: 'Set',
  description: 'Sets values on items and optionally remove other values',
  versions: [1, 2],
  properties: [
    toggle('Keep Only Set', 'keepOnlySet'),
    groups(
      'Values to Set',
      'values',
      [
        namedValue('Boolean', 'boolean', toggle('Value', 'value')),
        namedValue('Number', 'number', number('Value', 'value')),
        namedValue('String', 'string', text('Value', 'value')),
      ],
      { many: true },
    ),
    collection('Options', 'options', [dotNotation]),
  ],
}

const fieldTypes = [
  ['String', 'stringValue'],
  ['Number', 'numberValue'],
  ['Boolean', 'booleanValue'],
  ['Array', 'arrayValue'],
  ['Object', 'objectValue'],
] as const
const shownFor = (type: string) => show({ type: [type] })
const fieldGroup = group('Values', 'values', [
  text('Name', 'name'),
  choice('Type', 'type', fieldTypes, 'stringValue'),
  text('Value', 'stringValue', '', shownFor('stringValue')),
  text('Value', 'numberValue', '', shownFor('numberValue')),
  choice(
    'Value',
    'booleanValue',
    [
      ['True', 'true'],
      ['False', 'false'],
    ],
    'true',
    shownFor('booleanValue'),
  ),
  text('Value', 'arrayValue', '', shownFor('arrayValue')),
  json('Value', 'objectValue', '={}', shownFor('objectValue')),
])

const includes = [
  ['All Input Fields', 'all'],
  ['Selected Input Fields', 'selected'],
  ['All Input Fields Except', 'except'],
] as const

export const definition: NodeDefinition = {
  ...base,
  displayName: 'Edit Fields (Set)',
  description: 'Modify, add, or remove item fields',
  versions: [3, 3.1, 3.2, 3.3, 3.4],
  properties: [
    choice(
      'Mode',
      'mode',
      [
        ['Manual Mapping', 'manual'],
        ['JSON', 'raw'],
      ],
      'manual',
      { noDataExpression: true },
    ),
    toggle('Duplicate Item', 'duplicateItem', false),
    number('Duplicate Item Count', 'duplicateCount', 0, show({ duplicateItem: [true] })),
    json('JSON', 'jsonOutput', '{\n  "my_field_1": "value",\n  "my_field_2": 1\n}\n', show({ mode: ['raw'] })),
    groups('Fields to Set', 'fields', [fieldGroup], {
      many: true,
      displayOptions: { show: { mode: ['manual'], '@version': [until(3.2)] } },
    }),
    assignments('Fields to Set', 'assignments', {}, show({ mode: ['manual'], '@version': [since(3.3)] })),
    choice('Include in Output', 'include', [...includes, ['No Input Fields', 'none']], 'all', show({ '@version': [until(3.2)] })),
    toggle('Include Other Input Fields', 'includeOtherFields', false, show({ '@version': [since(3.3)] })),
    choice('Input Fields to Include', 'include', includes, 'all', show({ '@version': [since(3.3)], includeOtherFields: [true] })),
    text('Fields to Include', 'includeFields', '', show({ include: ['selected'] })),
    text('Fields to Exclude', 'excludeFields', '', show({ include: ['except'] })),
    collection('Options', 'options', [
      toggle('Include Binary File', 'includeBinary', true, show({ '@version': [until(3.3)] })),
      toggle('Strip Binary Data', 'stripBinary', true, show({ '@version': [since(3.4)], '/includeOtherFields': [true] })),
      toggle('Ignore Type Conversion Errors', 'ignoreConversionErrors', false, show({ '/mode': ['manual'] })),
      dotNotation,
    ]),
  ],
}
