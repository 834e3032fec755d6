import { type Problem, WeConnectError } from '@weconnect/contracts/errors'
import { maxJsonDepth } from '@weconnect/contracts/json-depth'

/** Names that would reach an object's prototype when used as a key. */
export const isPrototypeName = (name: string): boolean => name === '__proto__' || name === 'constructor' || name === 'prototype'

export const invalidAt = (path: string, message: string): WeConnectError => {
  const problem: Problem = { code: 'INVALID_INPUT', message, path }
  return new WeConnectError('INVALID_INPUT', `${path}: ${message}`, { problems: [problem] })
}

const step = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`)

/** JSON path of a member: `$.nodes[3].name`. */
export const memberPath = (path: string, key: string | number): string => path + (typeof key === 'number' ? `[${key}]` : step(key))

/**
 * Refuses what is not plain JSON, is nested deeper than 200, or has a `__proto__` key anywhere.
 * @throws WeConnectError INVALID_INPUT with the JSON path
 */
export const checkPlainJson = (value: unknown, path = '$', depth = 0): void => {
  if (depth > maxJsonDepth) throw invalidAt(path, `nested deeper than ${maxJsonDepth}`)
  if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) checkPlainJson(entry, memberPath(path, index), depth + 1)
  } else if (typeof value === 'object' && value !== null) {
    checkMembers(value, path, depth)
  } else if (value !== null && !['string', 'boolean'].includes(typeof value) && !Number.isFinite(value)) {
    throw invalidAt(path, `not a JSON value: ${typeof value}`)
  }
}

const checkMembers = (value: object, path: string, depth: number): void => {
  if (Object.hasOwn(value, '__proto__')) throw invalidAt(path, 'the key __proto__ is not allowed')
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) checkPlainJson(member, memberPath(path, key), depth + 1)
  }
}
