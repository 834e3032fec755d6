import type { CallExpression, Expression, Identifier, Literal } from 'acorn'
import { denied } from '../errors.ts'
import { isForbidden } from '../forbidden-names.ts'
import { findGlobal } from '../globals/find.ts'
import { makeRegExp } from '../patterns/regex.ts'
import type { Compute } from '../values.ts'
import { compileList } from './compile-list.ts'
import { compileCall, compileMember, compileNew } from './compile-member.ts'
import { compileObject } from './compile-object.ts'
import { compileAssignment, compileBinary, compileLogical, compileUnary, compileUpdate } from './compile-operator.ts'
import { compileTagged, compileTemplate } from './compile-template.ts'
import { refuse, type Surroundings } from './compiler.ts'
import { frameAt, hopsTo } from './variables.ts'

const emptyThis = Object.freeze(Object.create(null) as object)

const identifier = (node: Identifier, at: Surroundings): Compute => {
  const variable = at.block.find(node.name)
  if (variable === undefined) return freeIdentifier(node.name)
  const { slot } = variable
  const hops = hopsTo(variable, at.block.layout)
  if (hops === 0) return (_, frame) => frame[slot]
  if (hops === 1) return (_, frame) => (frame[0] as unknown[])[slot]
  return (_, frame) => frameAt(frame, hops)[slot]
}

/** A name nobody declared is one of ours, or undefined as in n8n. */
const freeIdentifier = (name: string): Compute => {
  if (isForbidden(name)) throw denied(name)
  const found = findGlobal(name)
  if (found === undefined) return () => undefined
  if (found.kind === 'variable') return found.read
  const { value } = found
  return () => value
}

const literal = (node: Literal): Compute => {
  const { regex, value } = node
  if (regex) return (evaluation) => makeRegExp(evaluation, regex.pattern, regex.flags)
  return () => value
}

const conditional = (test: Compute, yes: Compute, no: Compute): Compute => {
  return (evaluation, frame) => (test(evaluation, frame) ? yes(evaluation, frame) : no(evaluation, frame))
}

const isExpression = (node: CallExpression['arguments'][number]): node is Expression => node.type !== 'SpreadElement'

/** `$if(test, yes, no)` works out only the value it gives, so that a path which is not there may stand in the other one. */
const compileChoice = (node: CallExpression, at: Surroundings): Compute | undefined => {
  const { callee } = node
  if (callee.type !== 'Identifier' || callee.name !== '$if' || at.block.find('$if') !== undefined) return undefined
  if (!node.arguments.every(isExpression) || node.arguments.length < 2) return undefined
  const [test, yes, no] = node.arguments.map((argument) => at.compilers.expression(argument as Expression, at))
  return conditional(test!, yes!, no ?? (() => false))
}

const sequence = (parts: readonly Compute[]): Compute => {
  return (evaluation, frame) => {
    let value: unknown
    for (const part of parts) value = part(evaluation, frame)
    return value
  }
}

export const compileExpression = (node: Expression, at: Surroundings): Compute => {
  const { expression } = at.compilers
  switch (node.type) {
    case 'Identifier':
      return identifier(node, at)
    case 'Literal':
      return literal(node)
    case 'ThisExpression':
      return () => emptyThis
    case 'ArrayExpression':
      return compileList(node.elements, at)
    case 'ObjectExpression':
      return compileObject(node, at)
    case 'BinaryExpression':
      return compileBinary(node, at)
    case 'LogicalExpression':
      return compileLogical(node, at)
    case 'UnaryExpression':
      return compileUnary(node, at)
    case 'UpdateExpression':
      return compileUpdate(node, at)
    case 'AssignmentExpression':
      return compileAssignment(node, at)
    case 'TemplateLiteral':
      return compileTemplate(node, at)
    case 'TaggedTemplateExpression':
      return compileTagged(node, at)
    case 'ConditionalExpression':
      return conditional(expression(node.test, at), expression(node.consequent, at), expression(node.alternate, at))
    case 'SequenceExpression':
      return sequence(node.expressions.map((each) => expression(each, at)))
    case 'ParenthesizedExpression':
      return expression(node.expression, at)
    case 'ArrowFunctionExpression':
    case 'FunctionExpression':
      return at.compilers.function(node, at, '')
    case 'MemberExpression':
    case 'ChainExpression':
      return compileMember(node, at)
    case 'CallExpression':
      return compileChoice(node, at) ?? compileCall(node, at, compileList(node.arguments, at))
    case 'NewExpression':
      return compileNew(node, at, compileList(node.arguments, at))
    default:
      return refuse(node, at, node.type)
  }
}
