import type { NodeDefinition } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, collection, group, groups, show, text, toggle } from '../../sdk/property.ts'

const all = { aggregate: ['aggregateAllItemData'] }
const field = group('Field', 'fieldToAggregate', [
  text('Input Field Name', 'fieldToAggregate'),
  toggle('Rename Field', 'renameField', false),
  text('Output Field Name', 'outputFieldName', '', show({ renameField: [true] })),
])

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.aggregate',
  displayName: 'Aggregate',
  description: 'Combine a field from many items into a list in a single item',
  category: 'data',
  versions: [1],
  properties: [
    choice(
      'Aggregate',
      'aggregate',
      [
        ['Individual Fields', 'aggregateIndividualFields'],
        ['All Item Data (Into a Single List)', 'aggregateAllItemData'],
      ],
      'aggregateIndividualFields',
    ),
    groups('Fields To Aggregate', 'fieldsToAggregate', [field], {
      many: true,
      value: { fieldToAggregate: [{ fieldToAggregate: '', renameField: false }] },
      ...show({ aggregate: ['aggregateIndividualFields'] }),
    }),
    text('Put Output in Field', 'destinationFieldName', 'data', show(all)),
    choice(
      'Include',
      'include',
      [
        ['All Fields', 'allFields'],
        ['Specified Fields', 'specifiedFields'],
        ['All Fields Except', 'allFieldsExcept'],
      ],
      'allFields',
      show(all),
    ),
    text('Fields To Exclude', 'fieldsToExclude', '', show({ ...all, include: ['allFieldsExcept'] })),
    text('Fields To Include', 'fieldsToInclude', '', show({ ...all, include: ['specifiedFields'] })),
    collection('Options', 'options', [
      toggle('Disable Dot Notation', 'disableDotNotation', false, { displayOptions: { hide: { '/aggregate': ['aggregateAllItemData'] } } }),
      toggle('Merge Lists', 'mergeLists', false, show({ '/aggregate': ['aggregateIndividualFields'] })),
      toggle('Include Binaries', 'includeBinaries', false),
      toggle('Keep Only Unique Binaries', 'keepOnlyUnique', false, show({ includeBinaries: [true] })),
      toggle('Keep Missing And Null Values', 'keepMissing', false, show({ '/aggregate': ['aggregateIndividualFields'] })),
    ]),
  ],
  inputs: main,
  outputs: main,
  effects: 'pure',
}
