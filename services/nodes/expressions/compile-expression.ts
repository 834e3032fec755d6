import type {
  ArrayExpression,
  AssignmentExpression,
  BinaryExpression,
  Expression,
  Identifier,
  Literal,
  LogicalExpression,
  ObjectExpression,
  SpreadElement,
  TaggedTemplateExpression,
  TemplateLiteral,
  UnaryExpression,
  UpdateExpression,
} from 'acorn'
import type { Evaluation } from './budget.ts'
import { compileCall, compileMember, compileNew } from './compile-member.ts'
import { compileKey } from './compile-pattern.ts'
import { refuse, type Surroundings, withoutParentheses } from './compiler.ts'
import { denied } from './errors.ts'
import { isForbidden } from './forbidden-names.ts'
import { findGlobal } from './globals/find.ts'
import { toList } from './iterate.ts'
import { deleteMember } from './member-access.ts'
import { binaryOperators, concatenate, stepBy, unaryOperators } from './operators.ts'
import { makeRegExp } from './regex.ts'
import { type Arguments, type Compute, isPlain } from './values.ts'
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

const array = (node: ArrayExpression, at: Surroundings): Compute => compileList(node.elements, at)

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

const object = (node: ObjectExpression, at: Surroundings): Compute => {
  const fills = node.properties.map((each) => property(each, at))
  return (evaluation, frame) => {
    evaluation.charge(1)
    const made: Record<string, unknown> = {}
    for (const fill of fills) fill(evaluation, frame, made)
    return made
  }
}

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

const binary = (node: BinaryExpression, at: Surroundings): Compute => {
  if (node.left.type === 'PrivateIdentifier') return refuse(node, at, 'A private name')
  const left = at.compilers.expression(node.left, at)
  const right = at.compilers.expression(node.right, at)
  const operator = binaryOperators[node.operator] ?? refuse(node, at, node.operator)
  const fast = fastOperators[node.operator]
  return fast === undefined
    ? (evaluation, frame) => operator(evaluation, left(evaluation, frame), right(evaluation, frame))
    : fast(left, right, operator)
}

const logical = (node: LogicalExpression, at: Surroundings): Compute => {
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

const unary = (node: UnaryExpression, at: Surroundings): Compute => {
  if (node.operator === 'delete') return deletion(node, at)
  const operand = at.compilers.expression(node.argument, at)
  const operator = unaryOperators[node.operator] ?? refuse(node, at, node.operator)
  return (evaluation, frame) => operator(evaluation, operand(evaluation, frame))
}

const update = (node: UpdateExpression, at: Surroundings): Compute => {
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

const assignment = (node: AssignmentExpression, at: Surroundings): Compute => {
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

const template = (node: TemplateLiteral, at: Surroundings): Compute => {
  const words = node.quasis.map((quasi) => quasi.value.cooked ?? '')
  const values = compileList(node.expressions, at)
  return (evaluation, frame) => concatenate(evaluation, words, values(evaluation, frame))
}

const tagged = (node: TaggedTemplateExpression, at: Surroundings): Compute => {
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

const conditional = (test: Compute, yes: Compute, no: Compute): Compute => {
  return (evaluation, frame) => (test(evaluation, frame) ? yes(evaluation, frame) : no(evaluation, frame))
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
      return array(node, at)
    case 'ObjectExpression':
      return object(node, at)
    case 'BinaryExpression':
      return binary(node, at)
    case 'LogicalExpression':
      return logical(node, at)
    case 'UnaryExpression':
      return unary(node, at)
    case 'UpdateExpression':
      return update(node, at)
    case 'AssignmentExpression':
      return assignment(node, at)
    case 'TemplateLiteral':
      return template(node, at)
    case 'TaggedTemplateExpression':
      return tagged(node, at)
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
      return compileCall(node, at, compileList(node.arguments, at))
    case 'NewExpression':
      return compileNew(node, at, compileList(node.arguments, at))
    default:
      return refuse(node, at, node.type)
  }
}

export type ComputeList = (...args: Parameters<Compute>) => Arguments
