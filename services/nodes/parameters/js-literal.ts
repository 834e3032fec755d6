import type { JsonValue } from '@weconnect/contracts/json'
import { type Expression, type Property, parseExpressionAt, type SpreadElement } from 'acorn'

/**
 * The value of a JavaScript literal such as `{ a: 'x', b: [1, 2] }`: the relaxed JSON that people type. Only literals, lists, objects and
 * signed numbers are understood, so nothing runs.
 * @throws SyntaxError when it is anything else
 */
export const parseJsLiteral = (source: string): JsonValue => {
  const node = parseExpressionAt(source, 0, { ecmaVersion: 'latest' })
  if (source.slice(node.end).trim() !== '') throw new SyntaxError('text after the value')
  return literalOf(node)
}

const literalOf = (node: Expression): JsonValue => {
  switch (node.type) {
    case 'Literal':
      if (node.value === null || ['string', 'number', 'boolean'].includes(typeof node.value)) return node.value as JsonValue
      break
    case 'UnaryExpression':
      if (node.operator === '-' && node.argument.type === 'Literal') return -Number(node.argument.value)
      break
    case 'ArrayExpression':
      return node.elements.map((element) => (element === null ? null : literalOf(notSpread(element))))
    case 'ObjectExpression':
      return Object.fromEntries(node.properties.map(entryOf))
  }
  throw new SyntaxError(`${node.type} is not a literal`)
}

const notSpread = (node: Expression | SpreadElement): Expression => {
  if (node.type === 'SpreadElement') throw new SyntaxError('spread is not a literal')
  return node
}

const entryOf = (property: Property | SpreadElement): readonly [string, JsonValue] => {
  if (property.type !== 'Property' || property.computed || property.kind !== 'init') throw new SyntaxError('not a literal property')
  return [
    property.key.type === 'Identifier' ? property.key.name : String((property.key as { value?: unknown }).value),
    literalOf(property.value),
  ]
}
