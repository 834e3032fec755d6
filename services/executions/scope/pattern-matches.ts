import { isWeConnectError, WeConnectError } from '@weconnect/contracts/errors'
import type { PatternMatch, PatternQuery } from '@weconnect/nodes/expressions/scope'
import type { CodeRunner } from '../parts.ts'

/** Milliseconds that one pattern may look at one text. */
const patternLimitMs = 1_000

/** Thrown where a pattern must first be run elsewhere: run it, keep what it matched, then do it again. */
export class NotMatched extends Error {
  readonly query: PatternQuery
  readonly keep: (matches: readonly PatternMatch[]) => void
  constructor(query: PatternQuery, keep: (matches: readonly PatternMatch[]) => void) {
    super('A pattern has not been matched yet')
    this.query = query
    this.keep = keep
  }
}

/** The error of this kind that lies behind another. */
export const notMatchedBehind = (error: unknown): NotMatched | undefined => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof NotMatched) return cause
  return undefined
}

/** What patterns matched in one step: kept until its end, since an expression that asks once asks again. */
export class PatternMatches {
  /** By pattern, then by text. */
  #known: Map<string, Map<string, readonly PatternMatch[]>> | undefined

  /** @throws NotMatched */
  find(query: PatternQuery): readonly PatternMatch[] {
    const { source, flags, from, all, text } = query
    const key = JSON.stringify([source, flags, from, all])
    const known = this.#known?.get(key)?.get(text)
    if (known !== undefined) return known
    throw new NotMatched(query, (matches) => {
      this.#known ??= new Map()
      const ofPattern = this.#known.get(key) ?? new Map<string, readonly PatternMatch[]>()
      this.#known.set(key, ofPattern.set(text, matches))
    })
  }
}

/** Runs in the user's place, in an isolate: `$json` is the query. */
const matchCode = `const { source, flags, text, from, all } = $input.first().json
const pattern = new RegExp(source, flags)
pattern.lastIndex = from
const found = []
for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
  const groups = match.groups && Object.fromEntries(Object.entries(match.groups).map(([name, word]) => [name, word ?? null]))
  found.push({ index: match.index, words: Array.from(match, (word) => word ?? null), groups: groups ?? null })
  if (!all || found.length > 1000000) break
  if (match[0] === '') pattern.lastIndex += 1
}
return found`

type Around = Parameters<CodeRunner['run']>[0]

/**
 * Runs a pattern in the code runner: it may take exponential time, and then costs its process.
 * @throws WeConnectError EXPRESSION_BUDGET when it takes too long, or its matches too much space
 */
export const matchElsewhere = async (
  code: CodeRunner,
  query: PatternQuery,
  { organisationId, scope, signal }: Pick<Around, 'organisationId' | 'scope' | 'signal'>,
): Promise<readonly PatternMatch[]> => {
  const running = code.run({
    organisationId,
    language: 'javaScript',
    mode: 'runOnceForAllItems',
    code: matchCode,
    // The step's own randomness is for its node.
    scope: { ...scope, items: [{ json: { ...query } }], random: () => 0 },
    deadlineMs: patternLimitMs,
    signal,
    load: async () => undefined,
    leaves: () => undefined,
    staticData: { global: {}, node: {} },
    helpers: { bytesOf: refused, keep: refused },
  })
  const { value } = await running.catch((error: unknown) => {
    throw isWeConnectError(error, 'CODE_LIMIT') ? tookTooMuch(query) : error
  })
  return (value ?? []) as unknown as readonly PatternMatch[]
}

const tookTooMuch = ({ source, text }: PatternQuery): WeConnectError =>
  new WeConnectError(
    'EXPRESSION_BUDGET',
    `The pattern /${source.slice(0, 100)}/ took longer than ${patternLimitMs} ms, or more memory than it may, over a text of ${text.length} characters`,
  )

const refused = async (): Promise<never> => {
  throw new Error('A pattern needs no files')
}
