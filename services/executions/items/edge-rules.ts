import type { StepInput } from '@weconnect/contracts/events/types'
import type { Item } from '@weconnect/contracts/items'
import { isJsonObject } from '@weconnect/contracts/json'
import { compileExpression } from '@weconnect/nodes/expressions/expression'
import type { Scope } from '@weconnect/nodes/expressions/scope'
import type { Edge } from '../graph/graph.ts'
import type { Inputs } from './outputs.ts'

/**
 * Conditions and transforms of connections: an item passes when the condition is true, and its json becomes what the transform gives.
 * @returns `changed` when any item was dropped or replaced
 */
export const applyEdges = (
  inputs: Inputs,
  references: readonly StepInput[],
  incoming: readonly (readonly Edge[])[],
  nodeNameOf: (step: number) => string,
  scopeOf: (items: readonly Item[]) => Scope,
): { readonly inputs: Inputs; readonly changed: boolean } => {
  let changed = false
  const applied = inputs.map((items, input) => {
    const reference = references.find((candidate) => candidate.input === input)
    if (!reference || reference.step < 0) return items
    const edge = incoming[input]?.find(({ source, output }) => output === reference.output && source.name === nodeNameOf(reference.step))
    if (!edge || (edge.connection.conditions === undefined && edge.connection.transform === undefined)) return items
    changed = true
    return passThrough(edge, items, scopeOf(items))
  })
  return changed ? { inputs: applied, changed } : { inputs, changed }
}

const passThrough = ({ connection }: Edge, items: readonly Item[], scope: Scope): Item[] => {
  const { conditions, transform } = connection
  return items.flatMap((item, itemIndex) => {
    const here: Scope = { ...scope, itemIndex }
    if (typeof conditions === 'string' && !compileExpression(conditions).evaluate(here)) return []
    if (typeof transform !== 'string') return [item]
    const json = compileExpression(transform).evaluate(here)
    return [{ ...item, json: isJsonObject(json) ? json : { value: json ?? null } }]
  })
}
