import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'

const forbidden = new Set(['__proto__', 'constructor', 'prototype'])

/** `a.b[0]["c"]` as ['a', 'b', '0', 'c']. */
export const pathSegments = (path: string): readonly string[] =>
  [...path.matchAll(/\[\s*(?:"([^"]*)"|'([^']*)'|([^\]]*))\s*\]|([^.[\]]+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? match[4] ?? '',
  )

const ownMember = (value: JsonValue | undefined, key: string): JsonValue | undefined => {
  if (Array.isArray(value)) return /^\d+$/.test(key) ? (value as readonly JsonValue[])[Number(key)] : undefined
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

const readSegments = (value: JsonValue | undefined, segments: readonly string[]): JsonValue | undefined => {
  let current = value
  for (const key of segments) {
    current = ownMember(current, key)
    if (current === undefined) return undefined
  }
  return current
}

/** The value at a dotted path, own members only; a key that contains dots itself wins over the path it looks like. */
export const valueAt = (object: JsonObject, path: string): JsonValue | undefined =>
  Object.hasOwn(object, path) ? object[path] : readSegments(object, pathSegments(path))

const isIndex = (key: string | undefined): boolean => key !== undefined && /^\d+$/.test(key)

/**
 * A copy of `object` with the value at the path; objects and arrays on the way are copied, missing ones made.
 * Names that reach a prototype are left out, so that user data never changes one.
 */
export const withValueAt = (object: JsonObject, path: string, value: JsonValue | undefined): JsonObject => {
  const segments = pathSegments(path)
  return segments.length === 0 || segments.some((key) => forbidden.has(key)) ? object : (setSegments(object, segments, value) as JsonObject)
}

const setSegments = (container: JsonValue | undefined, [key, ...rest]: readonly string[], value: JsonValue | undefined): JsonValue => {
  const inner = rest.length === 0 ? value : setSegments(ownMember(container, key!), rest, value)
  if (Array.isArray(container) || (!isJsonObject(container) && isIndex(key))) {
    const copy = Array.isArray(container) ? [...container] : []
    copy[Number(key)] = inner ?? null
    return copy as JsonValue
  }
  return { ...(isJsonObject(container) ? container : {}), [key!]: inner }
}

/** A copy without the value at the path. */
export const withoutValueAt = (object: JsonObject, path: string): JsonObject => {
  const segments = pathSegments(path)
  return readSegments(object, segments) === undefined ? object : (removeSegments(object, segments) as JsonObject)
}

const removeSegments = (container: JsonValue | undefined, [key, ...rest]: readonly string[]): JsonValue | undefined => {
  if (Array.isArray(container)) {
    const list = container as readonly JsonValue[]
    return rest.length === 0
      ? list.filter((_, index) => index !== Number(key))
      : (list.map((entry, index) => (index === Number(key) ? removeSegments(entry, rest) : entry)) as JsonValue)
  }
  if (!isJsonObject(container)) return container
  const copy: Record<string, JsonValue | undefined> = { ...container }
  if (rest.length === 0) delete copy[key!]
  else copy[key!] = removeSegments(copy[key!], rest)
  return copy
}

const isPath = /[.[]/

/**
 * Sets a field of an object that is still being built: in place where the name is plain, a copy of what lies on the way where it is a path.
 * @param dotNotation whether `a.b` means the member b of a
 */
export const setField = (
  object: Record<string, JsonValue | undefined>,
  name: string,
  value: JsonValue | undefined,
  dotNotation: boolean,
): void => {
  if (forbidden.has(name)) return
  if (!dotNotation || !isPath.test(name)) object[name] = value
  else Object.assign(object, withValueAt(object, name, value))
}

/** Reads a field by name or, with dot notation, by path. */
export const fieldOf = (object: JsonObject, name: string, dotNotation: boolean): JsonValue | undefined =>
  dotNotation ? valueAt(object, name) : Object.hasOwn(object, name) ? object[name] : undefined
