import type { NodeType } from '../../sdk/node.ts'
import { splitByClassicConditions, splitByFilter } from '../two-ways.ts'
import { classicDefinition, definition } from './definition.ts'

export const filterClassic: NodeType = {
  definition: classicDefinition,
  execute: (context) => splitByClassicConditions(context, 'combineConditions', 'OR'),
  validate: () => [],
}

export const filter: NodeType = { definition, execute: splitByFilter, validate: () => [] }
