import { WeConnectError } from '@weconnect/contracts/errors'
import { UserThrow } from './errors.ts'

/** What a user's `catch` is given: what was thrown, or a copy of the error without its stack. */
export const caughtValue = (error: unknown): unknown => {
  if (error instanceof UserThrow) return error.value
  if (error instanceof WeConnectError) return namedError('ExpressionError', error.message)
  return error instanceof Error ? namedError(error.name, error.message) : namedError('Error', '')
}

const hostErrors = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }
export type ErrorName = keyof typeof hostErrors
export const errorNames = Object.keys(hostErrors) as readonly ErrorName[]

/** An error value of an expression; `name` decides its class when it is one of the language's. */
export const namedError = (name: string, message: string): Error => {
  const known = Object.hasOwn(hostErrors, name) ? hostErrors[name as ErrorName] : Error
  const error = new known(message)
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name })
  return error
}

export const isErrorOf = (name: ErrorName, value: unknown): boolean => value instanceof hostErrors[name]
