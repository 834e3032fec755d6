import { toKey, toText } from '../coerce.ts'
import { members } from '../values.ts'

/** What objects of data inherit in the language. */
export const objectMethods = members({
  hasOwnProperty: (evaluation, self, [key]) => Object.hasOwn(self as object, toKey(evaluation, key)),
  propertyIsEnumerable: (evaluation, self, [key]) => Object.hasOwn(self as object, toKey(evaluation, key)),
  isPrototypeOf: () => false,
  toString: () => '[object Object]',
  toLocaleString: () => '[object Object]',
  valueOf: (_, self) => self,
})

export const errorMethods = members(
  { toString: (evaluation, self) => toText(evaluation, self) },
  { name: (_, self) => (self as Error).name, message: (_, self) => (self as Error).message, cause: (_, self) => (self as Error).cause },
)
