import { WeConnectError } from '@weconnect/contracts/errors'
import { placeOfJsonError } from '@weconnect/contracts/json-place'

/** The value of an option that is JSON. @param hint what it should be @throws WeConnectError MALFORMED_JSON */
export const jsonOption = (option: string, text: string | undefined, hint: string): unknown => {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new WeConnectError('MALFORMED_JSON', `--${option} is not JSON at ${placeOfJsonError(text)}; ${hint}`, { cause: error })
  }
}
