import { ask } from '../ask.ts'
import type { Evaluation } from '../budget.ts'
import { failed, overBudget } from '../errors.ts'
import type { PatternMatch } from '../scope.ts'
import { isLinear } from './linear-regex.ts'
import { withoutIgnoreCase } from './regex-case.ts'
import { type PatternCost, patternCost, safeLength, stepsOver } from './regex-cost.ts'

/** How a pattern is run: what V8 is given, and the longest text it may meet. */
interface Plan {
  readonly source: string
  readonly flags: string
  readonly maxLength: number
  /** Longer ones are for elsewhere, where there is such a place: the pattern could hold up the process. */
  readonly quickLength: number
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
  if (isLinear(source, flags)) return { source, flags, ...unbounded, repeats }
  const widened = flags.includes('i') ? withoutIgnoreCase(source) : undefined
  const rest = flags.replace('i', '')
  if (widened !== undefined && isLinear(widened, rest)) return { source: widened, flags: rest, ...unbounded, repeats }
  return { source, flags, maxLength: safeLength(cost), quickLength: safeLength(cost, quickSteps), repeats, backtracking: cost }
}
const unbounded = { maxLength: Number.POSITIVE_INFINITY, quickLength: Number.POSITIVE_INFINITY } as const
/** Steps of the backtracking engine that take about ten milliseconds. */
const quickSteps = 1e6

/** @throws WeConnectError EXPRESSION_FAILED for a pattern that could take exponential time on any text */
export const refuseExponential = ({ maxLength }: Pick<Plan, 'maxLength'>): void => {
  if (maxLength > 0) return
  throw failed(
    'This pattern can take exponential time: it repeats what is itself ambiguous, and has a lookahead, a backreference or the flag u',
  )
}

/** @throws SyntaxError */
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
 * A pattern of an expression. Patterns run in linear time, or have a bound on the text they may meet here.
 * @throws SyntaxError
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

/** A match as the language has it. */
const asFound = ({ index, words, groups }: PatternMatch, input: string): RegExpExecArray => {
  const named = groups && Object.fromEntries(Object.entries(groups).map(([name, word]) => [name, word ?? undefined]))
  return Object.assign(
    words.map((word) => word ?? undefined),
    { index, input, groups: named ?? undefined },
  ) as unknown as RegExpExecArray
}

/**
 * What a pattern matches that is not run here because it might take long: from its `lastIndex` on the first match, or `all` from the beginning.
 * undefined: run it here.
 */
export const matchedElsewhere = (evaluation: Evaluation, pattern: RegExp, text: string, all: boolean): RegExpExecArray[] | undefined => {
  const plan = asWritten.get(pattern)
  if (plan?.backtracking === undefined || text.length <= plan.quickLength) return undefined
  const from = all || !(pattern.global || pattern.sticky) ? 0 : pattern.lastIndex
  const found = ask(evaluation, (run) => run.matches?.({ source: plan.source, flags: plan.flags, text, from, all }))
  if (found === undefined) return undefined
  evaluation.charge(1_000 + (text.length >>> 2))
  evaluation.chargeList(found.length)
  return found.map((match) => asFound(match, text))
}

/** What `exec` of the pattern gives; it is paid for here. */
export const execPattern = (evaluation: Evaluation, pattern: RegExp, text: string): RegExpExecArray | null => {
  const found = matchedElsewhere(evaluation, pattern, text, false)
  if (found === undefined) {
    payForMatch(evaluation, pattern, text)
    return pattern.exec(text)
  }
  const [match = null] = found
  if (pattern.global || pattern.sticky) pattern.lastIndex = match === null ? 0 : match.index + match[0].length
  return match
}

/** Pays for running a pattern over a text. @throws WeConnectError EXPRESSION_BUDGET when the text is too long for it */
export const payForMatch = (evaluation: Evaluation, pattern: RegExp, text: string): void => {
  const plan = asWritten.get(pattern)
  const { maxLength = 0, repeats = 1, backtracking } = plan ?? {}
  if (plan !== undefined) refuseExponential(plan)
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
