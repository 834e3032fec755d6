import type { CallExpression, ChainExpression, Expression, MemberExpression, NewExpression } from 'acorn'
import type { Evaluation } from '../budget.ts'
import { toKey } from '../coerce.ts'
import { denied } from '../errors.ts'
import { isForbidden } from '../forbidden-names.ts'
import { findGlobal } from '../globals/find.ts'
import { type Arguments, type Compute, call, type Frame, Native } from '../values.ts'
import { refuse, type Surroundings, withoutParentheses } from './compiler.ts'
import { callMember, getComputed, getMember } from './member-access.ts'

type ComputeList = (evaluation: Evaluation, frame: Frame) => Arguments

/** Given up the chain when an optional link met null or undefined. */
const shortened = Symbol('shortened')

/** Methods that change what they are called on. */
const mutators: ReadonlySet<string> = new Set([
  'push',
  'pop',
  'shift',
  'unshift',
  'splice',
  'sort',
  'reverse',
  'fill',
  'copyWithin',
  'assign',
  'call',
  'apply',
  'bind',
])

const staticName = (node: MemberExpression): string | undefined => {
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : undefined
  return node.property.type === 'Literal' && typeof node.property.value === 'string' ? node.property.value : undefined
}

const objectOf = (node: MemberExpression, at: Surroundings): Compute => {
  if (node.object.type === 'Super') return refuse(node, at, 'super')
  if (node.property.type === 'PrivateIdentifier') return refuse(node, at, 'A private name')
  return link(node.object, at)
}

const named = (object: Compute, name: string, optional: boolean): Compute => {
  if (!optional) {
    return (evaluation, frame) => {
      const from = object(evaluation, frame)
      return from === shortened ? shortened : getMember(evaluation, from, name)
    }
  }
  return (evaluation, frame) => {
    const from = object(evaluation, frame)
    return from === null || from === undefined || from === shortened ? shortened : getMember(evaluation, from, name)
  }
}

const computed = (object: Compute, key: Compute, optional: boolean): Compute => {
  return (evaluation, frame) => {
    const from = object(evaluation, frame)
    if (from === shortened || (optional && (from === null || from === undefined))) return shortened
    return getComputed(evaluation, from, key(evaluation, frame), toKey)
  }
}

const member = (node: MemberExpression, at: Surroundings): Compute => {
  const name = staticName(node)
  if (name !== undefined && isForbidden(name)) throw denied(name)
  const object = objectOf(node, at)
  if (name !== undefined) return named(object, name, node.optional)
  return computed(object, at.compilers.expression(node.property as Expression, at), node.optional)
}

/** One link of a chain: members and calls pass `shortened` on, everything else starts anew. */
const link = (node: Expression, at: Surroundings): Compute => {
  if (node.type === 'MemberExpression') return member(node, at)
  if (node.type !== 'CallExpression') return at.compilers.expression(node, at)
  return compileCall(node, at, listOf(node, at))
}

const listOf = (node: CallExpression, at: Surroundings): ComputeList => {
  const list = at.compilers.expression({ type: 'ArrayExpression', elements: node.arguments, start: node.start, end: node.end }, at)
  return list as ComputeList
}

export const compileMember = (node: MemberExpression | ChainExpression, at: Surroundings): Compute => {
  if (node.type === 'MemberExpression') return member(node, at)
  const chain = link(node.expression as Expression, at)
  return (evaluation, frame) => {
    const value = chain(evaluation, frame)
    return value === shortened ? undefined : value
  }
}

const callNamed = (object: Compute, name: string, args: ComputeList, node: CallExpression, skipsObject: boolean): Compute => {
  return (evaluation, frame) => {
    const from = object(evaluation, frame)
    if (from === shortened) return shortened
    if ((from === null || from === undefined) && skipsObject) return shortened
    if (node.optional) {
      const method = getMember(evaluation, from, name)
      if (method === null || method === undefined) return shortened
    }
    return callMember(evaluation, from, name, args(evaluation, frame))
  }
}

const callComputed = (object: Compute, key: Compute, args: ComputeList, node: CallExpression, skipsObject: boolean): Compute => {
  return (evaluation, frame) => {
    const from = object(evaluation, frame)
    if (from === shortened) return shortened
    if (from === null || from === undefined) {
      if (skipsObject) return shortened
      throw new TypeError(`Cannot read properties of ${from}`)
    }
    const name = toKey(evaluation, key(evaluation, frame))
    if (node.optional && (getMember(evaluation, from, name) ?? undefined) === undefined) return shortened
    return callMember(evaluation, from, name, args(evaluation, frame))
  }
}

const callMethod = (node: CallExpression, callee: MemberExpression, at: Surroundings, args: ComputeList): Compute => {
  const name = staticName(callee)
  if (name !== undefined && isForbidden(name)) throw denied(name)
  if (name === undefined || mutators.has(name)) at.program.mutates = true
  const object = objectOf(callee, at)
  if (name !== undefined) return callNamed(object, name, args, node, callee.optional)
  return callComputed(object, at.compilers.expression(callee.property as Expression, at), args, node, callee.optional)
}

export const compileCall = (node: CallExpression, at: Surroundings, args: ComputeList): Compute => {
  if (node.callee.type === 'Super') return refuse(node, at, 'super')
  const callee = withoutParentheses(node.callee)
  if (callee.type === 'MemberExpression') return callMethod(node, callee, at, args)
  const compute = link(callee, at)
  return (evaluation, frame) => {
    const target = compute(evaluation, frame)
    if (target === shortened || (node.optional && (target === null || target === undefined))) return shortened
    return call(evaluation, target, args(evaluation, frame))
  }
}

/** Only our own constructors, by name: what `new` makes is decided when the program is compiled. */
export const compileNew = (node: NewExpression, at: Surroundings, args: ComputeList): Compute => {
  const { callee } = node
  const global = callee.type === 'Identifier' && at.block.find(callee.name) === undefined ? findGlobal(callee.name) : undefined
  const construct = global?.kind === 'constant' && global.value instanceof Native ? global.value.construct : undefined
  if (construct === undefined) return refuse(node, at, callee.type === 'Identifier' ? `new ${callee.name}` : 'new')
  return (evaluation, frame) => {
    evaluation.charge(4)
    return construct(evaluation, args(evaluation, frame))
  }
}
