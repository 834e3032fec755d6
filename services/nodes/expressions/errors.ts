import { WeConnectError } from '@weconnect/contracts/errors'

/** What a user's `throw` carries; it never leaves an evaluation. */
export class UserThrow {
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}

/** Wraps what the run scope throws (data still to be loaded), so that neither the user's catch nor the evaluator's takes it for an error of the expression. */
export class Passage {
  readonly cause: unknown
  constructor(cause: unknown) {
    this.cause = cause
  }
}

/** An error the user sees, worded as n8n words it. A TypeError, in contrast, only makes the block undefined. */
export const failed = (message: string) => new WeConnectError('EXPRESSION_FAILED', message)
export const overBudget = (message: string) => new WeConnectError('EXPRESSION_BUDGET', message)
export const denied = (name: string) => failed(`Cannot access "${name}" due to security concerns`)

export const invalid = (message: string, position: number) =>
  new WeConnectError('EXPRESSION_INVALID', message, {
    problems: [{ code: 'EXPRESSION_INVALID', message, path: String(position) }],
  })

/** Budget errors and what the run scope throws pass the user's catch and finally. */
export const passesCatch = (error: unknown): boolean =>
  error instanceof Passage || (error instanceof WeConnectError && error.code !== 'EXPRESSION_FAILED') || isStackOverflow(error)

export const isStackOverflow = (error: unknown): boolean => error instanceof RangeError && error.message.startsWith('Maximum call stack')
