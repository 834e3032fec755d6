import type { ObjectExpression } from 'acorn'
import { isForbidden } from '../forbidden-names.ts'
import { type Compute, isPlain } from '../values.ts'
import { compileKey } from './compile-pattern.ts'
import { refuse, type Surroundings } from './compiler.ts'

type Fill = (...args: [...Parameters<Compute>, object: Record<string, unknown>]) => void

const spreadInto: (value: Compute) => Fill = (compute) => (evaluation, frame, object) => {
  const value = compute(evaluation, frame)
  if (typeof value !== 'string' && !Array.isArray(value) && !isPlain(value)) return
  const entries = Object.entries(value)
  evaluation.charge(entries.length)
  for (const [key, each] of entries) if (!isForbidden(key)) object[key] = each
}

const property = (node: ObjectExpression['properties'][number], at: Surroundings): Fill => {
  if (node.type === 'SpreadElement') return spreadInto(at.compilers.expression(node.argument, at))
  if (node.kind !== 'init') return refuse(node, at, 'A getter or setter')
  const key = compileKey(node, at)
  const name = node.key.type === 'Identifier' ? node.key.name : ''
  const value =
    node.value.type === 'FunctionExpression' || node.value.type === 'ArrowFunctionExpression'
      ? at.compilers.function(node.value, at, name)
      : at.compilers.expression(node.value, at)
  return (evaluation, frame, object) => {
    const own = key(evaluation, frame) as string
    object[own] = value(evaluation, frame)
  }
}

export const compileObject = (node: ObjectExpression, at: Surroundings): Compute => {
  const fills = node.properties.map((each) => property(each, at))
  return (evaluation, frame) => {
    evaluation.charge(1)
    const made: Record<string, unknown> = {}
    for (const fill of fills) fill(evaluation, frame, made)
    return made
  }
}
