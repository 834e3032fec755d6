import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'

const maxFields = 10_000

/** Names that could reach a prototype: left out wherever they stand in a body. */
export const isForbiddenName = (name: string): boolean => name === '__proto__' || name === 'constructor' || name === 'prototype'

/** Fields by name, in the order in which they came; a name that comes twice becomes a list. */
export class FormFields {
  readonly #fields: Record<string, JsonValue> = {}
  readonly #lists = new Map<string, JsonValue[]>()
  #count = 0

  /** @throws WeConnectError INVALID_INPUT after 10,000 fields */
  put(name: string, value: JsonValue): void {
    this.#count += 1
    if (this.#count > maxFields) throw new WeConnectError('INVALID_INPUT', `A form or query may have at most ${maxFields} fields`)
    if (isForbiddenName(name)) return
    const list = this.#lists.get(name)
    if (list) list.push(value)
    else if (Object.hasOwn(this.#fields, name)) {
      const begun = [this.#fields[name] as JsonValue, value]
      this.#lists.set(name, begun)
      this.#fields[name] = begun
    } else this.#fields[name] = value
  }

  get all(): JsonObject {
    return this.#fields
  }
}

/** Of a form body, or of the query of an address. */
export const parseForm = (text: string): JsonObject => {
  const fields = new FormFields()
  for (const [name, value] of new URLSearchParams(text)) fields.put(name, value)
  return fields.all
}
