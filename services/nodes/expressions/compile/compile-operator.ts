import type { AssignmentExpression, BinaryExpression, Identifier, LogicalExpression, UnaryExpression, UpdateExpression } from 'acorn'
import type { Evaluation } from '../budget.ts'
import type { Compute } from '../values.ts'
import { compileKey } from './compile-pattern.ts'
import { refuse, type Surroundings, withoutParentheses } from './compiler.ts'
import { deleteMember } from './member-access.ts'
import { binaryOperators, stepBy, unaryOperators } from './operators.ts'

type Operator = (evaluation: Evaluation, left: unknown, right: unknown) => unknown
type FastOperator = (left: Compute, right: Compute, operator: Operator) => Compute

/** One closure per operator, so that each keeps V8's inline caches to itself; numbers need nothing else. */
const fastOperators: Readonly<Record<string, FastOperator>> = {
  '===': (left, right, operator) => (evaluation, frame) => {
    const a = left(evaluation, frame)
    const b = right(evaluation, frame)
    return typeof a === 'string' && a.length > 256 ? operator(evaluation, a, b) : a === b
  },
  '!==': (left, right, operator) => (evaluation, frame) => {
    const a = left(evaluation, frame)
    const b = right(evaluation, frame)
    return typeof a === 'string' && a.length > 256 ? operator(evaluation, a, b) : a !== b
  },
  '+': (left, right, operator) => (evaluation, frame) => {
    const a = left(evaluation, frame)
    const b = right(evaluation, frame)
    return typeof a === 'number' && typeof b === 'number' ? a + b : operator(evaluation, a, b)
  },
  '-': (left, right, operator) => (evaluation, frame) => {
    const a = left(evaluation, frame)
    const b = right(evaluation, frame)
    return typeof a === 'number' && typeof b === 'number' ? a - b : operator(evaluation, a, b)
  },
  '*': (left, right, operator) => (evaluation, frame) => {
    const a = left(evaluation, frame)
    const b = right(evaluation, frame)
    return typeof a === 'number' && typeof b === 'number' ? a * b : operator(evaluation, a, b)
  },
  '<': (left, right, operator) => (evaluation, frame) => {
    const a = left(evaluation, frame)
    const b = right(evaluation, frame)
    return typeof a === 'number' && typeof b === 'number' ? a < b : operator(evaluation, a, b)
  },
  '>': (left, right, operator) => (evaluation, frame) => {
    const a = left(evaluation, frame)
    const b = right(evaluation, frame)
    return typeof a === 'number' && typeof b === 'number' ? a > b : operator(evaluation, a, b)
  },
}

export const compileBinary = (node: BinaryExpression, at: Surroundings): Compute => {
  if (node.left.type === 'PrivateIdentifier') return refuse(node, at, 'A private name')
  const left = at.compilers.expression(node.left, at)
  const right = at.compilers.expression(node.right, at)
  const operator = binaryOperators[node.operator] ?? refuse(node, at, node.operator)
  const fast = fastOperators[node.operator]
  return fast === undefined
    ? (evaluation, frame) => operator(evaluation, left(evaluation, frame), right(evaluation, frame))
    : fast(left, right, operator)
}

export const compileLogical = (node: LogicalExpression, at: Surroundings): Compute => {
  const left = at.compilers.expression(node.left, at)
  const right = at.compilers.expression(node.right, at)
  switch (node.operator) {
    case '&&':
      return (evaluation, frame) => left(evaluation, frame) && right(evaluation, frame)
    case '||':
      return (evaluation, frame) => left(evaluation, frame) || right(evaluation, frame)
    case '??':
      return (evaluation, frame) => left(evaluation, frame) ?? right(evaluation, frame)
  }
}

const deletion = (node: UnaryExpression, at: Surroundings): Compute => {
  const argument = withoutParentheses(node.argument)
  const target = argument.type === 'ChainExpression' ? argument.expression : argument
  if (target.type !== 'MemberExpression' || target.object.type === 'Super') return refuse(node, at, 'delete')
  at.program.mutates = true
  const object = at.compilers.expression(target.object, at)
  const key = compileKey({ key: target.property, computed: target.computed }, at)
  return (evaluation, frame) => {
    const from = object(evaluation, frame)
    return deleteMember(evaluation, from, key(evaluation, frame) as string)
  }
}

export const compileUnary = (node: UnaryExpression, at: Surroundings): Compute => {
  if (node.operator === 'delete') return deletion(node, at)
  const operand = at.compilers.expression(node.argument, at)
  const operator = unaryOperators[node.operator] ?? refuse(node, at, node.operator)
  return (evaluation, frame) => operator(evaluation, operand(evaluation, frame))
}

export const compileUpdate = (node: UpdateExpression, at: Surroundings): Compute => {
  const store = at.compilers.pattern(node.argument as Identifier, at, undefined)
  const read = at.compilers.expression(node.argument, at)
  const step = node.operator === '++' ? 1 : -1
  return (evaluation, frame) => {
    const { before, after } = stepBy(evaluation, read(evaluation, frame), step)
    store(evaluation, frame, after)
    return node.prefix ? after : before
  }
}

/** `??=`, `||=` and `&&=` assign only when they must. */
const shortCircuits: Readonly<Record<string, (value: unknown) => boolean>> = {
  '??=': (value) => value !== null && value !== undefined,
  '||=': Boolean,
  '&&=': (value) => !value,
}

export const compileAssignment = (node: AssignmentExpression, at: Surroundings): Compute => {
  const store = at.compilers.pattern(node.left, at, undefined)
  const right = at.compilers.expression(node.right, at)
  if (node.operator === '=') {
    return (evaluation, frame) => {
      const value = right(evaluation, frame)
      store(evaluation, frame, value)
      return value
    }
  }
  const read = at.compilers.expression(node.left as Identifier, at)
  const keeps = shortCircuits[node.operator]
  const operator = binaryOperators[node.operator.slice(0, -1)]
  return (evaluation, frame) => {
    const before = read(evaluation, frame)
    if (keeps?.(before)) return before
    const value = right(evaluation, frame)
    const after = keeps === undefined ? operator!(evaluation, before, value) : value
    store(evaluation, frame, after)
    return after
  }
}
