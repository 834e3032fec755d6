import type { Expression, SpreadElement } from 'acorn'
import { toList } from '../iterate.ts'
import type { Compute } from '../values.ts'
import type { Surroundings } from './compiler.ts'

/** Elements in order, spreads flattened. */
export const compileList = (
  nodes: readonly (Expression | SpreadElement | null)[],
  at: Surroundings,
): ((...args: Parameters<Compute>) => unknown[]) => {
  const parts = nodes.map((node) => ({
    spread: node?.type === 'SpreadElement',
    compute: node === null ? () => undefined : at.compilers.expression(node.type === 'SpreadElement' ? node.argument : node, at),
  }))
  if (parts.every(({ spread }) => !spread)) return fixedList(parts.map(({ compute }) => compute))
  return (evaluation, frame) => {
    const list: unknown[] = []
    for (const { spread, compute } of parts) {
      const value = compute(evaluation, frame)
      if (!spread) list.push(value)
      else for (const element of toList(evaluation, value)) list.push(element)
    }
    evaluation.chargeList(list.length)
    return list
  }
}

const fixedList = (computes: readonly Compute[]): ((...args: Parameters<Compute>) => unknown[]) => {
  const [first, second] = computes
  if (first === undefined) return () => []
  if (second === undefined) return (evaluation, frame) => [first(evaluation, frame)]
  if (computes.length === 2) return (evaluation, frame) => [first(evaluation, frame), second(evaluation, frame)]
  return (evaluation, frame) => computes.map((compute) => compute(evaluation, frame))
}
