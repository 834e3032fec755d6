import type { NodeDefinition } from '@weconnect/contracts/node'
import { main, named } from '../../sdk/ports.ts'
import { choice, collection, filterConditions, show, since, toggle } from '../../sdk/property.ts'
import { classicConditions } from '../classic-conditions.ts'

const base = {
  name: 'n8n-nodes-base.filter',
  displayName: 'Filter',
  description: 'Remove items matching a condition',
  category: 'data',
  color: '#229eff',
  inputs: main,
  outputs: named('Kept'),
  effects: 'pure',
} as const

const combinations = [
  ['AND', 'AND'],
  ['OR', 'OR'],
] as const

export const classicDefinition: NodeDefinition = {
  ...base,
  versions: [1],
  properties: [classicConditions, choice('Combine Conditions', 'combineConditions', combinations, 'AND')],
}

export const definition: NodeDefinition = {
  ...base,
  versions: [2, 2.1, 2.2, 2.3],
  properties: [
    filterConditions('Conditions', 'conditions'),
    toggle('Convert types where required', 'looseTypeValidation', false, show({ '@version': [since(2.1)] })),
    collection('Options', 'options', [
      toggle('Ignore Case', 'ignoreCase', true),
      toggle('Less Strict Type Validation', 'looseTypeValidation', true, show({ '@version': [{ _cnd: { lt: 2.1 } }] })),
    ]),
  ],
}
