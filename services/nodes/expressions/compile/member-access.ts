import type { Evaluation } from '../budget.ts'
import { limits } from '../budget.ts'
import { toNumber } from '../coerce.ts'
import { failed, overBudget } from '../errors.ts'
import { checkName } from '../forbidden-names.ts'
import { membersOf, nothingMembers } from '../members/of-value.ts'
import { type Arguments, call, isPlain, Native, type NativeCall } from '../values.ts'

const methodValues = new WeakMap<NativeCall, Native>()

/** A method read without being called: ours, bound to nothing. */
const methodValue = (name: string, method: NativeCall): Native => {
  const known = methodValues.get(method)
  if (known !== undefined) return known
  const made = new Native(name, method)
  methodValues.set(method, made)
  return made
}

const fromTable = (evaluation: Evaluation, object: unknown, key: string): unknown => {
  const table = membersOf(object)
  const read = table.properties.get(key)
  if (read !== undefined) return read(evaluation, object)
  const method = table.methods.get(key)
  return method === undefined ? undefined : methodValue(key, method)
}

const nothing = (object: unknown, key: string) => new TypeError(`Cannot read properties of ${object} (reading '${key}')`)

/**
 * Own properties of data first, then what the allow-list of the value's type has. `key` has been checked when the program was compiled or made.
 * @throws TypeError for null and undefined
 */
export const getMember = (evaluation: Evaluation, object: unknown, key: string): unknown => {
  if (typeof object === 'object') {
    if (object === null) throw nothing(object, key)
    const prototype = Object.getPrototypeOf(object)
    if (prototype === Object.prototype || prototype === Array.prototype) {
      // What these two inherit are functions, and no value of an expression is one: so this is an own property.
      const value = (object as Record<string, unknown>)[key]
      if (value !== undefined && typeof value !== 'function') return value
      const table = membersOf(object)
      if (table.properties.get(key) === undefined && table.methods.get(key) === undefined) return undefined
    }
    if ((Array.isArray(object) || isPlain(object)) && Object.hasOwn(object, key)) return (object as Record<string, unknown>)[key]
  } else if (object === undefined) throw nothing(object, key)
  else if (typeof object === 'string') {
    if (key === 'length') return object.length
    const index = Number(key)
    if (index >= 0 && index < object.length && String(index) === key) return object[index]
  }
  return fromTable(evaluation, object, key)
}

/** `object[key]` with a computed key: an index, or any value made a string once. */
export const getComputed = (
  evaluation: Evaluation,
  object: unknown,
  key: unknown,
  toKey: (evaluation: Evaluation, key: unknown) => string,
): unknown => {
  if (typeof key === 'number' && key >= 0 && (Array.isArray(object) || typeof object === 'string')) return object[key]
  if (object === null || object === undefined) throw nothing(object, toKey(evaluation, key))
  return getMember(evaluation, object, toKey(evaluation, key))
}

/** Own properties win over methods, so a data field that holds a function of the expression can be called. */
export const callMember = (evaluation: Evaluation, object: unknown, key: string, args: Arguments): unknown => {
  if (typeof object === 'object' && object !== null && (Array.isArray(object) || isPlain(object)) && Object.hasOwn(object, key)) {
    return call(evaluation, (object as Record<string, unknown>)[key], args, object)
  }
  const table = object === null || object === undefined ? nothingMembers : membersOf(object)
  const method = table.methods.get(key)
  evaluation.charge(4)
  if (method !== undefined) return method(evaluation, object, args)
  if (table === nothingMembers) throw nothing(object, key)
  return call(evaluation, table.properties.get(key)?.(evaluation, object), args, object)
}

const setIndex = (list: unknown[], key: string, value: unknown): void => {
  const index = Number(key)
  if (key === 'length') {
    if (typeof value !== 'number' || value > list.length) throw new RangeError('Invalid array length')
    list.length = value
    return
  }
  if (index >= limits.listLength) throw overBudget(`A list has more than ${limits.listLength} elements`)
  // A gap would make the host walk up to the prototypes when the list is read.
  while (Number.isInteger(index) && list.length < index) list.push(undefined)
  ;(list as unknown as Record<string, unknown>)[key] = value
}

/** Only objects and arrays of the evaluation's own (or its copies of input) change. @throws TypeError otherwise */
export const setMember = (evaluation: Evaluation, object: unknown, key: string, value: unknown): void => {
  checkName(key)
  evaluation.charge(1)
  if (!evaluation.copiesInput) throw failed('Input cannot be changed')
  if (Array.isArray(object)) setIndex(object, key, value)
  else if (isPlain(object)) object[key] = value
  else if (object instanceof RegExp && key === 'lastIndex') object.lastIndex = toNumber(evaluation, value)
  else throw new TypeError(`Cannot set properties of ${typeof object}`)
}

export const deleteMember = (evaluation: Evaluation, object: unknown, key: string): boolean => {
  if (!evaluation.copiesInput) throw failed('Input cannot be changed')
  if (isPlain(object)) return delete object[checkName(key)]
  if (!Array.isArray(object)) throw new TypeError('Cannot delete')
  if (Object.hasOwn(object, key)) setIndex(object, key, undefined)
  return true
}
