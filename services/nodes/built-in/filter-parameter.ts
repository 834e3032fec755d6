import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { executeFilter, type FilterContext, type FilterValue } from '../parameters/filter.ts'
import { asObject } from './per-item.ts'

/** Comparison settings that an imported filter may lack: what the node's own options say. */
const withNodeOptions = (filter: JsonObject, options: JsonObject, loose: boolean): FilterValue => ({
  ...(filter as FilterValue),
  options: {
    caseSensitive: options['ignoreCase'] !== true,
    typeValidation: loose || options['looseTypeValidation'] === true ? 'loose' : undefined,
    ...asObject(filter['options']),
  } as NonNullable<FilterValue['options']>,
})

/** Whether a node's parameter of type `filter` holds for an item. @throws WeConnectError NODE_FAILED as executeFilter */
export const filterHolds = (
  filter: JsonValue | undefined,
  options: JsonValue | undefined,
  loose: JsonValue | undefined,
  place: FilterContext,
): boolean => executeFilter(withNodeOptions(asObject(filter), asObject(options), loose === true), place)
