import type { Evaluation } from './budget.ts'
import { failed, overBudget } from './errors.ts'
import { isLinear } from './linear-regex.ts'
import { withoutIgnoreCase } from './regex-case.ts'
import { type PatternCost, patternCost, safeLength, stepsOver } from './regex-cost.ts'

/** How a pattern is run: what V8 is given, and the longest text it may meet. */
interface Plan {
  readonly source: string
  readonly flags: string
  readonly maxLength: number
  /** How many unbounded repetitions may each look through the rest of the text for one match. */
  readonly repeats: number
  /** Of a pattern that only the backtracking engine can run; undefined: linear. */
  readonly backtracking?: PatternCost
}

const plans = new Map<string, Plan>()
const keptPlans = 2_000
const maxPatternLength = 2_000

const makePlan = (source: string, flags: string): Plan => {
  if (source.length > maxPatternLength) throw failed('The pattern is too long')
  if (/[^gimsuy]/.test(flags)) throw new SyntaxError('Invalid regular expression flags')
  new RegExp(source, flags)
  const cost = patternCost(source)
  const { repeats } = cost
  if (isLinear(source, flags)) return { source, flags, maxLength: Number.POSITIVE_INFINITY, repeats }
  const widened = flags.includes('i') ? withoutIgnoreCase(source) : undefined
  const rest = flags.replace('i', '')
  if (widened !== undefined && isLinear(widened, rest))
    return { source: widened, flags: rest, maxLength: Number.POSITIVE_INFINITY, repeats }
  const maxLength = safeLength(cost)
  if (maxLength === 0)
    throw failed(
      'This pattern can take exponential time: it repeats what is itself ambiguous, and has a lookahead, a backreference or the flag u',
    )
  return { source, flags, maxLength, repeats, backtracking: cost }
}

/** @throws SyntaxError WeConnectError EXPRESSION_FAILED for a pattern that could take exponential time */
export const planOf = (source: string, flags: string): Plan => {
  const key = `${flags}/${source}`
  const known = plans.get(key)
  if (known !== undefined) return known
  const plan = makePlan(source, flags)
  if (plans.size >= keptPlans) plans.clear()
  plans.set(key, plan)
  return plan
}

const asWritten = new WeakMap<RegExp, Plan>()

/**
 * A pattern of an expression. Patterns run in linear time, or have a bound on the text they may meet.
 * @throws SyntaxError WeConnectError EXPRESSION_FAILED for a pattern that could take exponential time
 */
export const makeRegExp = (evaluation: Evaluation, source: string, flags: string): RegExp => {
  evaluation.charge(10)
  const plan = planOf(source === '' ? '(?:)' : source, flags)
  const made = new RegExp(plan.source, plan.flags)
  asWritten.set(made, { ...plan, source: source === '' ? '(?:)' : source, flags })
  return made
}

/** Source and flags as the user wrote them. */
export const writtenAs = (pattern: RegExp): { readonly source: string; readonly flags: string } => asWritten.get(pattern) ?? pattern

/** Pays for running a pattern over a text. @throws WeConnectError EXPRESSION_BUDGET when the text is too long for it */
export const payForMatch = (evaluation: Evaluation, pattern: RegExp, text: string): void => {
  const { maxLength = 0, repeats = 1, backtracking } = asWritten.get(pattern) ?? {}
  if (text.length > maxLength)
    throw overBudget(`This pattern (lookahead, backreference or flag u) may only meet texts of up to ${maxLength} characters`)
  const reading = text.length * (4 + pattern.source.length)
  evaluation.charge(8 + Math.floor(reading / (repeats === 0 ? 16 : 6)))
  if (backtracking !== undefined) evaluation.charge(Math.floor(stepsOver(backtracking, text.length) / 16))
}

/** What only ever reads what it matches, so that all matches together read the text once. */
const readsOnlyItsMatch = (source: string): boolean => {
  const { repeats, choices } = patternCost(source)
  return repeats === 0 || (repeats === 1 && choices === 0 && /[+*]\)?$/.test(source))
}

const crossesLines = ({ source, flags }: Plan): boolean => flags.includes('s') || /\\[snrWDpPxuc0]|\[\^|\n/.test(source)

const longestLine = (text: string): number => {
  let longest = 0
  let start = 0
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    longest = Math.max(longest, end - start)
    start = end + 1
  }
  return Math.max(longest, text.length - start)
}

/**
 * What each further match of a pattern over a text already paid for costs. A pattern with repetitions may look on from every place, to the end of the
 * text or at least of the line, before it takes a shorter match.
 */
export const costOfAnother = (pattern: RegExp, text: string): ((from: number) => number) => {
  const plan = asWritten.get(pattern)
  if (plan === undefined || readsOnlyItsMatch(plan.source)) return () => 16
  const reach = crossesLines(plan) ? text.length : longestLine(text)
  return (from) => 16 + (Math.max(0, Math.min(reach, text.length - from)) >>> 3) * plan.repeats
}
