import type { Evaluation } from './budget.ts'
import { isForbidden } from './forbidden-names.ts'
import { toPlain } from './plain.ts'
import { callback, isFunction } from './values.ts'

const harmless = (key: string, value: unknown): unknown => (isForbidden(key) ? undefined : value)

/** Parsed JSON without members that have a forbidden name. @throws SyntaxError */
export const parseJson = (text: string): unknown =>
  /constructor|prototype|__|\\u/.test(text) ? JSON.parse(text, harmless) : JSON.parse(text)

/** JSON of a value, of which no member is called. */
export const writeJson = (evaluation: Evaluation, value: unknown, replacer?: unknown, space?: unknown): string | undefined => {
  const plain = toPlain(evaluation, value)
  const indent = typeof space === 'number' ? Math.min(space, 10) : typeof space === 'string' ? space.slice(0, 10) : undefined
  const written = isFunction(replacer)
    ? JSON.stringify(plain, (key, each) => toPlain(evaluation, callback(evaluation, replacer)(key, each)), indent)
    : JSON.stringify(
        plain,
        Array.isArray(replacer) ? replacer.filter((each) => typeof each === 'string' || typeof each === 'number') : null,
        indent,
      )
  return written === undefined ? undefined : evaluation.text(written)
}
