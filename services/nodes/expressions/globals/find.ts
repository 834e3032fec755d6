import type { Compute } from '../values.ts'
import { constants } from './constants.ts'
import { variables } from './variables.ts'

/** A free name: a constant of ours, or a variable read from the evaluation. */
export type Global = { readonly kind: 'constant'; readonly value: unknown } | { readonly kind: 'variable'; readonly read: Compute }

export const findGlobal = (name: string): Global | undefined => {
  const read = variables.get(name)
  if (read !== undefined) return { kind: 'variable', read }
  return constants.has(name) ? { kind: 'constant', value: constants.get(name) } : undefined
}
