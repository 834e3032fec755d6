import type { NodeType } from '../../sdk/node.ts'
import { splitByClassicConditions, splitByFilter } from '../two-ways.ts'
import { classicDefinition, definition } from './definition.ts'

export const ifClassic: NodeType = {
  definition: classicDefinition,
  execute: (context) => splitByClassicConditions(context, 'combineOperation', 'any'),
  validate: () => [],
}

export const ifNode: NodeType = { definition, execute: splitByFilter, validate: () => [] }
