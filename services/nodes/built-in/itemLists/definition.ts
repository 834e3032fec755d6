import type { NodeDefinition, NodeProperty } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, group, groups, hidden, show, since, until } from '../../sdk/property.ts'
import { fieldLists, operations } from './operations.ts'

const names = (aggregation: string) =>
  [
    ['Concatenate Items', aggregation],
    ['Limit', 'limit'],
    ['Remove Duplicates', 'removeDuplicates'],
    ['Sort', 'sort'],
    ['Split Out Items', 'splitOutItems'],
    ['Summarize', 'summarize'],
  ] as const

/** The property, shown when its own conditions hold and these. */
const also = (property: NodeProperty, conditions: Readonly<Record<string, NodeProperty['default'][]>>): NodeProperty => ({
  ...property,
  displayOptions: { ...property.displayOptions, show: { ...property.displayOptions?.show, ...conditions } },
})

const listOfFields = (property: NodeProperty): NodeProperty => {
  const field = group('Field', 'fields', [{ displayName: 'Field Name', name: 'fieldName', type: 'string', default: '' }])
  return { ...groups(property.displayName, property.name, [field], { many: true }), displayOptions: property.displayOptions ?? {} }
}

const propertiesOf = (operation: string): readonly NodeProperty[] =>
  operations[operation]!.node.definition.properties.flatMap((property) => {
    const shown = { operation: [operation] }
    if (!(fieldLists as readonly string[]).includes(property.name)) return [also(property, shown)]
    return [also(listOfFields(property), { ...shown, '@version': [until(2.2)] }), also(property, { ...shown, '@version': [since(3)] })]
  })

const noExpression = { noDataExpression: true }

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.itemLists',
  displayName: 'Item Lists',
  description: 'Helper for working with lists of items and transforming arrays',
  category: 'data',
  versions: [1, 2, 2.1, 2.2, 3, 3.1],
  properties: [
    hidden('Resource', 'resource', 'itemList'),
    choice('Operation', 'operation', names('aggregateItems'), 'splitOutItems', { ...noExpression, ...show({ '@version': [until(2.2)] }) }),
    choice('Operation', 'operation', names('concatenateItems'), 'splitOutItems', { ...noExpression, ...show({ '@version': [since(3)] }) }),
    ...Object.keys(operations).flatMap(propertiesOf),
  ],
  inputs: main,
  outputs: main,
  effects: 'pure',
}
