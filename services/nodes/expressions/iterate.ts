import type { Evaluation } from './budget.ts'
import { Facade } from './values.ts'

/**
 * The elements of what may be spread, destructured or looped over: arrays, strings, sets, maps. Nothing else is iterable, so no iterator of the user's runs.
 * @throws TypeError
 */
export const toList = (evaluation: Evaluation, value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) {
    evaluation.chargeList(value.length)
    return value
  }
  if (typeof value === 'string') {
    evaluation.chargeList(value.length)
    return [...value]
  }
  if (value instanceof Set || value instanceof Map) {
    evaluation.chargeList(value.size)
    return [...value]
  }
  if (value instanceof URLSearchParams) return [...value]
  throw new TypeError(`${value instanceof Facade ? 'object' : typeof value} is not iterable`)
}
