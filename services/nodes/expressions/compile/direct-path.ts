import type { JsonValue } from '@weconnect/contracts/json'
import type { Expression } from 'acorn'
import { isForbidden } from '../forbidden-names.ts'
import type { Scope } from '../scope.ts'
import { withoutParentheses } from './compiler.ts'

/** Where a direct path does not tell: the program itself must be run. */
export const notDirect = Symbol('not direct')
export type DirectPath = (scope: Scope) => JsonValue | typeof notDirect

const longestText = 256

/** Names after `$json`, outermost first; undefined for anything but own names that are written out. */
const namesOf = (node: Expression): readonly string[] | undefined => {
  const tree = withoutParentheses(node)
  if (tree.type === 'ChainExpression') return namesOf(tree.expression as Expression)
  if (tree.type === 'Identifier') return tree.name === '$json' ? [] : undefined
  if (tree.type !== 'MemberExpression' || tree.object.type === 'Super') return undefined
  const before = namesOf(tree.object)
  const name = memberName(tree)
  return before === undefined || name === undefined || isForbidden(name) ? undefined : [...before, name]
}

const memberName = ({ computed, property }: Extract<Expression, { type: 'MemberExpression' }>): string | undefined => {
  if (!computed) return property.type === 'Identifier' ? property.name : undefined
  if (property.type !== 'Literal') return undefined
  const { value } = property
  return typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) ? String(value) : undefined
}

/**
 * Reads `$json.a.b[0]` of an item without an evaluation, as long as it finds data all the way down and a short primitive at the end. It must answer
 * exactly as the program does, or not at all.
 */
export const directPath = (node: Expression): DirectPath | undefined => {
  const names = namesOf(node)
  if (names === undefined || names.length === 0) return undefined
  const { length } = names
  return ({ items, itemIndex }) => {
    let value: unknown = items[itemIndex]?.json
    for (let index = 0; index < length; index += 1) {
      if (typeof value !== 'object' || value === null) return notDirect
      const prototype = Object.getPrototypeOf(value)
      if (prototype !== Object.prototype && prototype !== Array.prototype) return notDirect
      value = (value as Record<string, unknown>)[names[index] as string]
    }
    if (typeof value === 'string') return value.length > longestText ? notDirect : value
    if (typeof value === 'number') return Number.isFinite(value) ? value : notDirect
    return typeof value === 'boolean' || value === null ? value : notDirect
  }
}
