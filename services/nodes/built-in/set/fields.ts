import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { validateFieldType } from '../../parameters/field-type.ts'
import { asObject, asObjects, asText } from '../per-item.ts'

/** One field to set, before its value is checked. */
export interface Field {
  readonly name: string
  readonly type: string
  readonly value: JsonValue | undefined
}

/** Fields of version 3 to 3.2: the value is in the member named after its type. */
export const fieldsOfList = (fields: JsonValue | undefined): readonly Field[] =>
  asObjects(asObject(fields)['values']).map((entry) => {
    const member = asText(entry['type'], 'stringValue')
    return { name: asText(entry['name']), type: member.replace(/Value$/, ''), value: entry[member] }
  })

/** Fields from version 3.3 on. */
export const fieldsOfAssignments = (assignments: JsonValue | undefined): readonly Field[] =>
  asObjects(asObject(assignments)['assignments']).map((entry) => ({
    name: asText(entry['name']),
    type: asText(entry['type'], 'string'),
    value: entry['value'],
  }))

const isOfType = (type: string, value: JsonValue | undefined): boolean =>
  type === 'array' ? Array.isArray(value) : type === 'object' ? typeof value === 'object' && !Array.isArray(value) : type === typeof value

/**
 * The value of a field, converted to its type; null when it is absent.
 * @param ignoreErrors keep what cannot be converted as it is
 * @throws WeConnectError NODE_FAILED naming the field and the item
 */
export const fieldValue = (field: Field, itemIndex: number, ignoreErrors: boolean): JsonValue => {
  if (field.value === undefined || field.value === null) return null
  if (isOfType(field.type, field.value)) return field.value
  const result = validateFieldType(field.name, field.value, field.type, { parseStrings: true })
  if (result.valid) return result.newValue as JsonValue
  if (ignoreErrors) return field.value
  throw new WeConnectError('NODE_FAILED', `${result.errorMessage} [item ${itemIndex}]`)
}

/** The object that JSON mode asks for. @throws WeConnectError NODE_FAILED */
export const jsonOutputOf = (text: JsonValue | undefined, itemIndex: number): JsonObject => {
  const value = typeof text === 'string' ? parsed(text, itemIndex) : text
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new WeConnectError('NODE_FAILED', `The 'JSON Output' in item ${itemIndex} does not contain a valid JSON object`)
  return value as JsonObject
}

const parsed = (text: string, itemIndex: number): JsonValue => {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    throw new WeConnectError('NODE_FAILED', `The 'JSON Output' in item ${itemIndex} contains invalid JSON`)
  }
}
