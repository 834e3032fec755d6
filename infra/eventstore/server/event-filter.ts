import { invalidArgument } from './refusal.ts'

/** Which events of $all are wanted, by the name of their stream or of their type. */
export interface EventFilter {
  readonly on: 'stream' | 'type'
  readonly prefixes: readonly string[]
  /** A regular expression; empty = prefixes decide. */
  readonly regex: string
}

export type Wanted = (event: { readonly stream: string; readonly type: string }) => boolean

const patternOf = (regex: string): RegExp => {
  try {
    return new RegExp(regex, 'u')
  } catch {
    throw invalidArgument(`The filter's regular expression is not valid: ${regex.slice(0, 100)}`)
  }
}

/** @throws Refusal when the regular expression is none */
export const wantedBy = (filter: EventFilter | undefined): Wanted => {
  if (!filter) return () => true
  const textOf = ({ stream, type }: { stream: string; type: string }): string => (filter.on === 'stream' ? stream : type)
  if (filter.regex !== '') {
    const pattern = patternOf(filter.regex)
    return (event) => pattern.test(textOf(event))
  }
  return (event) => filter.prefixes.some((prefix) => textOf(event).startsWith(prefix))
}
