import type { TaggedTemplateExpression, TemplateLiteral } from 'acorn'
import type { Compute } from '../values.ts'
import { compileList } from './compile-list.ts'
import { refuse, type Surroundings } from './compiler.ts'
import { concatenate } from './operators.ts'

export const compileTemplate = (node: TemplateLiteral, at: Surroundings): Compute => {
  const words = node.quasis.map((quasi) => quasi.value.cooked ?? '')
  const values = compileList(node.expressions, at)
  return (evaluation, frame) => concatenate(evaluation, words, values(evaluation, frame))
}

export const compileTagged = (node: TaggedTemplateExpression, at: Surroundings): Compute => {
  const { tag, quasi } = node
  const isRaw =
    tag.type === 'MemberExpression' &&
    tag.object.type === 'Identifier' &&
    tag.object.name === 'String' &&
    tag.property.type === 'Identifier' &&
    tag.property.name === 'raw' &&
    !tag.computed
  if (!isRaw) return refuse(node, at, 'A tagged template')
  const words = quasi.quasis.map((part) => part.value.raw)
  const values = compileList(quasi.expressions, at)
  return (evaluation, frame) => concatenate(evaluation, words, values(evaluation, frame))
}
