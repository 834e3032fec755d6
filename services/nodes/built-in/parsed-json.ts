import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonValue } from '@weconnect/contracts/json'

/** @param what is said not to be JSON when it is not. @throws WeConnectError NODE_FAILED */
export const parsedJson = (text: string, what: string): JsonValue => {
  try {
    // A key named __proto__ is data like any other, as JSON.parse makes it; it must not reach code that assigns keys.
    return JSON.parse(text, (key, value) => (key === '__proto__' ? undefined : value)) as JsonValue
  } catch (error) {
    throw new WeConnectError('NODE_FAILED', `Not valid JSON: ${what} (${(error as Error).message})`, { cause: error })
  }
}
