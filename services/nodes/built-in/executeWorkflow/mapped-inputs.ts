import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { validateFieldType } from '../../parameters/field-type.ts'
import type { NodeContext } from '../../sdk/node.ts'
import { asObjects, asText, nodeFailure } from '../per-item.ts'

/** What a mapping asks of its values. */
interface Conversion {
  readonly convertsTypes: boolean
  readonly convertsToText: boolean
}

const isConverted = (type: string | undefined, { convertsTypes, convertsToText }: Conversion): type is string =>
  type !== undefined && type !== '' && type !== 'any' && (type === 'string' ? convertsToText : convertsTypes)

/**
 * The fields of a resource mapper for one item, as the types of its schema ask for them: values become text where it says so, and others
 * their type where it attempts to convert.
 * @param mapper `{value, schema, attemptToConvertTypes, convertFieldsToString}`
 * @throws WeConnectError NODE_FAILED for a value that cannot be converted
 */
export const mappedInputs = (context: NodeContext, mapper: JsonObject, values: JsonObject, index: number): JsonObject => {
  const types = new Map(asObjects(mapper['schema']).map((field) => [asText(field['id']), asText(field['type'])]))
  const conversion = { convertsTypes: mapper['attemptToConvertTypes'] === true, convertsToText: mapper['convertFieldsToString'] === true }
  const entries = Object.entries(values).map(([name, value]): readonly [string, JsonValue] => {
    const type = types.get(name)
    if (value === undefined || value === null || !isConverted(type, conversion)) return [name, value ?? null]
    const result = validateFieldType(name, value, type, { parseStrings: true })
    if (!result.valid)
      throw nodeFailure(context, `Invalid input for '${name}' [item ${index}]: ${result.errorMessage}`, 'workflowInputs', index)
    return [name, (result.newValue ?? null) as JsonValue]
  })
  return Object.fromEntries(entries)
}
