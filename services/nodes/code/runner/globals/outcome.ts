import type { Failure } from '../step.ts'

/**
 * How what the code returned or threw is written down.
 * Sent into the isolate as source text: it must not use anything from outside itself.
 */
export const outcomeWriter = () => {
  // Taken before the user's code runs, which may replace them.
  const { stringify } = JSON
  const { isArray } = Array
  const { keys } = Object

  /** A copy that JSON can carry: a cycle becomes "[Circular Reference]", a BigInt its digits. */
  const plain = (value: unknown, above: readonly unknown[]): unknown => {
    if (typeof value === 'bigint') return value.toString()
    if (typeof value !== 'object' || value === null) return value
    if (above.includes(value)) return '[Circular Reference]'
    if ('toJSON' in value && typeof value.toJSON === 'function') return value.toJSON()
    const path = [...above, value]
    if (isArray(value)) return value.map((entry) => plain(entry, path))
    const copy: Record<string, unknown> = {}
    for (const key of keys(value))
      Object.defineProperty(copy, key, { value: plain((value as Record<string, unknown>)[key], path), enumerable: true })
    return copy
  }

  const write = (outcome: object): string => {
    try {
      return stringify(outcome)
    } catch {
      return stringify(plain(outcome, []))
    }
  }

  /** Line of the user's code that threw: the first frame in it. */
  const lineOf = (error: unknown): number | undefined => {
    const stack = error instanceof Error && typeof error.stack === 'string' ? error.stack : ''
    const line = /^\s+at (?:.*\()?code:(\d+):\d+\)?$/m.exec(stack)?.[1]
    return line === undefined ? undefined : Number(line)
  }

  const messageOf = (error: unknown): string => {
    const message = error !== null && typeof error === 'object' && 'message' in error ? error.message : error
    return typeof message === 'string' ? message : `${message}`
  }

  const failureOf = (error: unknown, item?: number): Failure => {
    const line = lineOf(error)
    let message = 'Unknown error'
    try {
      message = messageOf(error) || message
    } catch {
      // An error that cannot be read has no message.
    }
    return { message, ...(line === undefined ? {} : { line }), ...(item === undefined ? {} : { item }) }
  }

  return { write, failureOf }
}
