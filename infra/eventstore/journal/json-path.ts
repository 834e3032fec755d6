import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'

/** Names of nested properties, for example ['node', 'parameters']. */
export type JsonPath = readonly string[]

/** The value there; undefined when it, or a parent, is absent. */
export const valueAt = (object: JsonObject, path: JsonPath): JsonValue | undefined => {
  let value: JsonValue | undefined = object
  for (const name of path) value = isJsonObject(value) ? value[name] : undefined
  return value
}

/** A copy in which the value at the path is another; shares all that is not on the path. */
export const withValueAt = (object: JsonObject, [name, ...rest]: JsonPath, value: JsonValue): JsonObject => {
  if (name === undefined) return object
  return { ...object, [name]: rest.length === 0 ? value : withValueAt(object[name] as JsonObject, rest, value) }
}

const sizes = new WeakMap<() => JsonValue, () => number>()

/** Bytes of the text of a member that nobody has looked at yet, without looking at it; undefined where that is not known without. */
export const bytesOfDeferred = (object: object, name: string): number | undefined => {
  const get = Object.getOwnPropertyDescriptor(object, name)?.get
  return get === undefined ? undefined : sizes.get(get)?.()
}

/**
 * Puts a value there that is made when it is first looked at: for objects that were just parsed and belong to the caller.
 * @param bytes how large its text is, when that costs less than the value
 */
export const deferValueAt = (object: JsonObject, path: JsonPath, make: () => JsonValue, bytes?: () => number): void => {
  const parent = valueAt(object, path.slice(0, -1)) as object
  const name = path.at(-1) as string
  const get = (): JsonValue => {
    const value = make()
    Object.defineProperty(parent, name, { value, enumerable: true, configurable: true, writable: true })
    return value
  }
  if (bytes !== undefined) sizes.set(get, bytes)
  Object.defineProperty(parent, name, { get, enumerable: true, configurable: true })
}

/** Sets the value in place: for objects that were just parsed and belong to the caller. */
export const setValueAt = (object: JsonObject, path: JsonPath, value: JsonValue): void => {
  const parent = valueAt(object, path.slice(0, -1)) as Record<string, JsonValue>
  parent[path.at(-1) as string] = value
}
