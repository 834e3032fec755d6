import type {
  ArrayPattern,
  AssignmentPattern,
  AssignmentProperty,
  Expression,
  Identifier,
  MemberExpression,
  ObjectPattern,
  Pattern,
} from 'acorn'
import type { Evaluation } from '../budget.ts'
import { toKey } from '../coerce.ts'
import { denied, failed } from '../errors.ts'
import { isForbidden, isReserved } from '../forbidden-names.ts'
import { toList } from '../iterate.ts'
import { type Compute, isPlain } from '../values.ts'
import { type Declares, refuse, type Store, type Surroundings } from './compiler.ts'
import { getMember, setMember } from './member-access.ts'
import { frameAt, hopsTo } from './variables.ts'

/** @throws WeConnectError EXPRESSION_FAILED for a name no expression may declare */
export const checkDeclared = (name: string): string => {
  if (isReserved(name)) throw failed(`Cannot use "${name}" due to security concerns`)
  if (isForbidden(name)) throw denied(name)
  return name
}

const declared = (name: string, at: Surroundings, declares: 'const' | 'let' | 'var') =>
  (declares === 'var' ? at.block.functionBlock() : at.block).declare(checkDeclared(name), declares === 'const')

const storeIdentifier = (node: Identifier, at: Surroundings, declares: Declares): Store => {
  if (declares === undefined && isForbidden(node.name)) throw denied(node.name)
  // A name that nobody declared becomes a variable of this evaluation; there is no global object to write to.
  const variable =
    declares === undefined ? (at.block.find(node.name) ?? at.block.root().declare(node.name)) : declared(node.name, at, declares)
  if (declares === undefined && variable.constant) {
    return () => {
      throw new TypeError('Assignment to constant variable.')
    }
  }
  const { slot } = variable
  const hops = hopsTo(variable, at.block.layout)
  if (hops === 0) {
    return (_, frame, value) => {
      frame[slot] = value
    }
  }
  return (_, frame, value) => {
    frameAt(frame, hops)[slot] = value
  }
}

export const compileKey = (node: { readonly key: unknown; readonly computed: boolean }, at: Surroundings): Compute => {
  const key = node.key as Expression
  if (node.computed) {
    const compute = at.compilers.expression(key, at)
    return (evaluation, frame) => toKey(evaluation, compute(evaluation, frame))
  }
  const name = key.type === 'Identifier' ? key.name : key.type === 'Literal' ? String(key.value) : refuse(key, at, 'This key')
  if (isForbidden(name)) throw denied(name)
  return () => name
}

const storeMember = (node: MemberExpression, at: Surroundings): Store => {
  at.program.mutates = true
  if (node.object.type === 'Super') return refuse(node, at, 'super')
  const object = at.compilers.expression(node.object, at)
  const key = compileKey({ key: node.property, computed: node.computed }, at)
  return (evaluation, frame, value) => {
    const target = object(evaluation, frame)
    setMember(evaluation, target, key(evaluation, frame) as string, value)
  }
}

const storeDefault = (node: AssignmentPattern, at: Surroundings, declares: Declares): Store => {
  const store = at.compilers.pattern(node.left, at, declares)
  const fallback = at.compilers.expression(node.right, at)
  return (evaluation, frame, value) => store(evaluation, frame, value === undefined ? fallback(evaluation, frame) : value)
}

const storeArray = (node: ArrayPattern, at: Surroundings, declares: Declares): Store => {
  const stores = node.elements.map((element, index): Store | undefined => {
    if (element === null) return undefined
    if (element.type !== 'RestElement') {
      const store = at.compilers.pattern(element, at, declares)
      return (evaluation, frame, list) => store(evaluation, frame, (list as unknown[])[index])
    }
    const store = at.compilers.pattern(element.argument, at, declares)
    return (evaluation, frame, list) => store(evaluation, frame, (list as unknown[]).slice(index))
  })
  return (evaluation, frame, value) => {
    const list = toList(evaluation, value)
    for (const store of stores) store?.(evaluation, frame, list)
  }
}

const without = (evaluation: Evaluation, value: unknown, taken: readonly string[]): Record<string, unknown> => {
  const rest: Record<string, unknown> = {}
  if (!isPlain(value)) return rest
  for (const key of Object.keys(value)) if (!taken.includes(key) && !isForbidden(key)) rest[key] = value[key]
  evaluation.charge(Object.keys(rest).length)
  return rest
}

const storeObject = (node: ObjectPattern, at: Surroundings, declares: Declares): Store => {
  const properties = node.properties.filter((property): property is AssignmentProperty => property.type === 'Property')
  const parts = properties.map((property) => ({ key: compileKey(property, at), store: at.compilers.pattern(property.value, at, declares) }))
  const last = node.properties.at(-1)
  const rest = last?.type === 'RestElement' ? at.compilers.pattern(last.argument, at, declares) : undefined
  return (evaluation, frame, value) => {
    if (value === null || value === undefined) throw new TypeError(`Cannot destructure ${value}`)
    const taken: string[] = []
    for (const { key, store } of parts) {
      const name = key(evaluation, frame) as string
      taken.push(name)
      store(evaluation, frame, getMember(evaluation, value, name))
    }
    rest?.(evaluation, frame, without(evaluation, value, taken))
  }
}

/** `(a) = 1`; the type of patterns does not know of parentheses. */
const storeParenthesized = (node: Expression | Pattern, at: Surroundings, declares: Declares): Store =>
  node.type === 'ParenthesizedExpression' ? at.compilers.pattern(node.expression as Pattern, at, declares) : refuse(node, at, node.type)

export const compilePattern = (node: Pattern, at: Surroundings, declares: Declares): Store => {
  switch (node.type) {
    case 'Identifier':
      return storeIdentifier(node, at, declares)
    case 'MemberExpression':
      return storeMember(node, at)
    case 'AssignmentPattern':
      return storeDefault(node, at, declares)
    case 'ArrayPattern':
      return storeArray(node, at, declares)
    case 'ObjectPattern':
      return storeObject(node, at, declares)
    default:
      return storeParenthesized(node, at, declares)
  }
}
