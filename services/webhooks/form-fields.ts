import type { JsonValue } from '@weconnect/contracts/json'

/** Names that could reach a prototype: left out wherever they stand in a body. */
export const isForbiddenName = (name: string): boolean => name === '__proto__' || name === 'constructor' || name === 'prototype'

/** A name that comes twice becomes a list. */
export const putField = (fields: Record<string, JsonValue>, name: string, value: JsonValue): void => {
  if (isForbiddenName(name)) return
  const known = fields[name]
  if (known === undefined) fields[name] = value
  else fields[name] = Array.isArray(known) ? [...known, value] : [known, value]
}
