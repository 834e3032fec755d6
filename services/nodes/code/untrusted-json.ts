import type { JsonValue } from '@weconnect/contracts/json'

/**
 * Parses JSON that a stranger wrote. JSON.parse makes an own key of `__proto__`, which later assignments would follow: it is dropped.
 * @throws SyntaxError
 */
export const parseUntrusted = (text: string): JsonValue =>
  JSON.parse(text, /__proto__|\\u/.test(text) ? (key, value) => (key === '__proto__' ? undefined : value) : undefined) as JsonValue
