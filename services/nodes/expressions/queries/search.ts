import type { Evaluation } from '../budget.ts'
import { strictlyEqual } from '../coerce.ts'
import { sameData } from '../extensions/arguments.ts'
import { checkName } from '../forbidden-names.ts'
import { parseJson } from '../json-text.ts'
import { isPlain } from '../values.ts'
import { callFunction } from './functions.ts'
import type { QueryNode } from './tree.ts'

/** As JMESPath has it: 0 is true, an empty list is not. */
const isFalse = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.length === 0
  return isPlain(value) ? Object.keys(value).length === 0 : value === undefined || value === null || value === false || value === ''
}

const fieldOf = (value: unknown, name: string): unknown => {
  checkName(name)
  return isPlain(value) && Object.hasOwn(value, name) ? (value[name] ?? null) : null
}

const bound = (length: number, given: number | null, step: number, absent: number): number => {
  if (given === null) return absent
  const index = given < 0 ? given + length : given
  if (index < 0) return step < 0 ? -1 : 0
  return index >= length ? (step < 0 ? length - 1 : length) : index
}

const sliceOf = (list: readonly unknown[], [from = null, to = null, every = null]: readonly (number | null)[]): unknown[] => {
  const step = every ?? 1
  if (step === 0) throw new Error('Invalid slice, step cannot be 0')
  const start = bound(list.length, from, step, step < 0 ? list.length - 1 : 0)
  const stop = bound(list.length, to, step, step < 0 ? -1 : list.length)
  const made: unknown[] = []
  for (let index = start; step > 0 ? index < stop : index > stop; index += step) made.push(list[index])
  return made
}

const isOrdered = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number'

const compared = (evaluation: Evaluation, name: string, left: unknown, right: unknown): boolean => {
  if (name === 'EQ' || name === 'NE')
    return (strictlyEqual(evaluation, left, right) || sameData(evaluation, left, right)) === (name === 'EQ')
  if (!isOrdered(left) || !isOrdered(right)) return false
  evaluation.chargeReading(left)
  if (name === 'GT') return left > right
  if (name === 'GTE') return left >= right
  return name === 'LT' ? left < right : left <= right
}

/** Each element seen through a part of the query; what is null there falls out. */
const projected = (evaluation: Evaluation, list: readonly unknown[], each: QueryNode): unknown[] => {
  evaluation.chargeList(list.length)
  return list.map((element) => search(evaluation, each, element)).filter((value) => value !== null)
}

const flattened = (evaluation: Evaluation, list: readonly unknown[]): unknown[] => {
  evaluation.chargeList(list.reduce((length: number, each) => length + (Array.isArray(each) ? each.length : 1), 0))
  return list.flat()
}

const overList = (evaluation: Evaluation, node: QueryNode, value: unknown, then: (list: readonly unknown[]) => unknown): unknown => {
  const list = search(evaluation, node, value)
  return Array.isArray(list) ? then(list) : null
}

/**
 * What a JMESPath query finds in data; null for nothing.
 * @throws WeConnectError EXPRESSION_BUDGET
 * @throws Error for a function called with what it cannot take
 */
export const search = (evaluation: Evaluation, node: QueryNode, value: unknown): unknown => {
  evaluation.charge(4)
  const read = (part: QueryNode, of: unknown = value): unknown => search(evaluation, part, of)
  switch (node.type) {
    case 'Field':
      return fieldOf(value, node.name)
    case 'Index':
      return Array.isArray(value) ? (value.at(node.value) ?? null) : null
    case 'Literal':
      return typeof node.value === 'object' ? parseJson(JSON.stringify(node.value)) : node.value
    case 'Slice':
      return Array.isArray(value) ? projected(evaluation, sliceOf(value, node.children), { type: 'Current' }) : null
    case 'Subexpression':
    case 'IndexExpression':
    case 'Pipe':
      return read(node.children[1], read(node.children[0]))
    case 'Projection':
      return overList(evaluation, node.children[0], value, (list) => projected(evaluation, list, node.children[1]))
    case 'ValueProjection': {
      const base = read(node.children[0])
      return isPlain(base) ? projected(evaluation, Object.values(base), node.children[1]) : null
    }
    case 'FilterProjection': {
      const [base, each, condition] = node.children
      return overList(evaluation, base, value, (list) =>
        projected(
          evaluation,
          list.filter((element) => !isFalse(read(condition, element))),
          each,
        ),
      )
    }
    case 'Flatten':
      return overList(evaluation, node.children[0], value, (list) => flattened(evaluation, list))
    case 'Comparator':
      return compared(evaluation, node.name, read(node.children[0]!), read(node.children[1]!))
    case 'MultiSelectList':
      return value === null ? null : node.children.map((each) => read(each))
    case 'MultiSelectHash':
      return value === null ? null : Object.fromEntries(node.children.map((each) => [checkName(each.name), read(each.value)]))
    case 'OrExpression': {
      const left = read(node.children[0])
      return isFalse(left) ? read(node.children[1]) : left
    }
    case 'AndExpression': {
      const left = read(node.children[0])
      return isFalse(left) ? left : read(node.children[1])
    }
    case 'NotExpression':
      return isFalse(read(node.children[0]))
    case 'Function':
      return callFunction(
        evaluation,
        node.name,
        node.children.map((each) =>
          each.type === 'ExpressionReference' ? (element: unknown) => read(each.children[0], element) : read(each),
        ),
      )
    case 'ExpressionReference':
      throw new Error('An expression reference must be the argument of a function')
    default:
      return value
  }
}
