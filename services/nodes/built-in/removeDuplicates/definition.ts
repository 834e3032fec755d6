import type { NodeDefinition, NodeProperty } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, collection, number, show, text, toggle } from '../../sdk/property.ts'

const base = {
  name: 'n8n-nodes-base.removeDuplicates',
  displayName: 'Remove Duplicates',
  description: 'Delete items with matching field values',
  category: 'data',
  inputs: main,
  outputs: main,
  effects: 'pure',
} as const

/** @param within what shows the mode that compares the items of one input */
const inputProperties = (within: Readonly<Record<string, readonly string[]>>): readonly NodeProperty[] => [
  choice(
    'Compare',
    'compare',
    [
      ['All Fields', 'allFields'],
      ['All Fields Except', 'allFieldsExcept'],
      ['Selected Fields', 'selectedFields'],
    ],
    'allFields',
    show(within),
  ),
  text('Fields To Exclude', 'fieldsToExclude', '', show({ ...within, compare: ['allFieldsExcept'] })),
  text('Fields To Compare', 'fieldsToCompare', '', show({ ...within, compare: ['selectedFields'] })),
]
const options = [toggle('Disable Dot Notation', 'disableDotNotation', false), toggle('Remove Other Fields', 'removeOtherFields', false)]

export const classicDefinition: NodeDefinition = {
  ...base,
  versions: [1, 1.1],
  properties: [...inputProperties({}), collection('Options', 'options', options, show({ compare: ['allFieldsExcept', 'selectedFields'] }))],
}

const seen = { operation: ['removeItemsSeenInPreviousExecutions'] }
/** Also n8n's: a field of its own for each way to compare. */
export const valueParameters = {
  removeItemsWithAlreadySeenKeyValues: 'dedupeValue',
  removeItemsUpToStoredIncrementalKey: 'incrementalDedupeValue',
  removeItemsUpToStoredDate: 'dateDedupeValue',
} as const
export type Logic = keyof typeof valueParameters

const dedupeValue = (logic: Logic): NodeProperty =>
  text('Value to Dedupe On', valueParameters[logic], '', { required: true, ...show({ ...seen, logic: [logic] }) })

const scope = choice(
  'Scope',
  'scope',
  [
    ['Workflow', 'workflow'],
    ['Node', 'node'],
  ],
  'node',
)
const historySize = number(
  'History Size',
  'historySize',
  10_000,
  show({ '/logic': ['removeItemsWithAlreadySeenKeyValues'], '/operation': seen.operation }),
)

export const definition: NodeDefinition = {
  ...base,
  versions: [2],
  properties: [
    choice(
      'Operation',
      'operation',
      [
        ['Remove Items Repeated Within Current Input', 'removeDuplicateInputItems'],
        ['Remove Items Processed in Previous Executions', 'removeItemsSeenInPreviousExecutions'],
        ['Clear Deduplication History', 'clearDeduplicationHistory'],
      ],
      'removeDuplicateInputItems',
      { noDataExpression: true },
    ),
    ...inputProperties({ operation: ['removeDuplicateInputItems'] }),
    choice(
      'Keep Items Where',
      'logic',
      [
        ['Value Is New', 'removeItemsWithAlreadySeenKeyValues'],
        ['Value Is Higher than Any Previous Value', 'removeItemsUpToStoredIncrementalKey'],
        ['Value Is a Date Later than Any Previous Date', 'removeItemsUpToStoredDate'],
      ],
      'removeItemsWithAlreadySeenKeyValues',
      show(seen),
    ),
    dedupeValue('removeItemsWithAlreadySeenKeyValues'),
    dedupeValue('removeItemsUpToStoredIncrementalKey'),
    dedupeValue('removeItemsUpToStoredDate'),
    choice('Mode', 'mode', [['Clean Database', 'cleanDatabase']], 'cleanDatabase', show({ operation: ['clearDeduplicationHistory'] })),
    collection('Options', 'options', options, show({ operation: ['removeDuplicateInputItems'] })),
    collection('Options', 'options', [scope, historySize], show(seen)),
    collection('Options', 'options', [scope], show({ operation: ['clearDeduplicationHistory'] })),
  ],
}
