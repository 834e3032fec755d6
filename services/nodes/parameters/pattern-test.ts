import { WeConnectError } from '@weconnect/contracts/errors'
import { planOf, refuseExponential } from '../expressions/patterns/regex.ts'
import type { PatternQuery } from '../expressions/scope.ts'

/** Tests a pattern that may take long where that harms nobody: whether it matches. */
export type TestElsewhere = (query: PatternQuery) => boolean

/**
 * Whether the text has a match: in linear time, or over a text on which a pattern that backtracks ends soon; all else is for `elsewhere`.
 * @param elsewhere absent: such a pattern, or such a text, is refused
 * @throws SyntaxError WeConnectError EXPRESSION_FAILED for a pattern that could take exponential time, NODE_FAILED for a text that is too long for it
 */
export const hasMatch = (text: string, source: string, flags: string, elsewhere?: TestElsewhere): boolean => {
  const pattern = source === '' ? '(?:)' : source
  const plan = planOf(pattern, flags)
  if (elsewhere && text.length > plan.quickLength) return elsewhere({ source: pattern, flags, text, from: 0, all: false })
  refuseExponential(plan)
  if (text.length > plan.maxLength)
    throw new WeConnectError('NODE_FAILED', `This pattern may only meet texts of up to ${plan.maxLength} characters`)
  return new RegExp(plan.source, plan.flags).test(text)
}
