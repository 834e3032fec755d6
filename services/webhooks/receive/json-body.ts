import { type Problem, WeConnectError } from '@weconnect/contracts/errors'
import type { JsonValue } from '@weconnect/contracts/json'
import { maxJsonDepth, tooDeepAt } from '@weconnect/contracts/json-depth'
import { placeOfJsonError } from '@weconnect/contracts/json-place'
import { isForbiddenName } from './form-fields.ts'

/** A name that could reach a prototype, also written with escapes. */
const suspicious = /"(?:__proto__|constructor|prototype)"\s*:|\\u00/i

/** @throws WeConnectError MALFORMED_JSON, INVALID_INPUT when nested too deeply, with the place; never quotes the body, which may hold secrets */
export const parseJsonBody = (text: string): JsonValue => {
  const deep = tooDeepAt(text)
  if (deep !== undefined)
    throw new WeConnectError('INVALID_INPUT', `The body is nested deeper than ${maxJsonDepth} levels at position ${deep}`)
  try {
    return suspicious.test(text) ? JSON.parse(text, dropForbidden) : JSON.parse(text)
  } catch {
    const place = placeOfJsonError(text)
    const problem: Problem = { code: 'MALFORMED_JSON', message: `not JSON at ${place}`, path: '$' }
    throw new WeConnectError('MALFORMED_JSON', `The body is not JSON at ${place}`, { problems: [problem] })
  }
}

function dropForbidden(this: unknown, key: string, value: unknown): unknown {
  return isForbiddenName(key) ? undefined : value
}
