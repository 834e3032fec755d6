import type { Evaluation } from '../budget.ts'
import { toText } from '../coerce.ts'
import { toPlain } from '../plain.ts'
import type { Arguments } from '../values.ts'

/** Locale and options of a toLocaleString; the host's own locale and zone never show. */
export const intlArguments = (
  evaluation: Evaluation,
  [language, options]: Arguments,
): { readonly locale: string | string[]; readonly options: Record<string, unknown> } => {
  // Making an Intl formatter costs about as much as a thousand steps.
  evaluation.charge(1_000)
  if (Array.isArray(language)) evaluation.chargeList(20 * language.length)
  const locale = Array.isArray(language)
    ? language.map((each) => toText(evaluation, each))
    : language === undefined
      ? 'en-US'
      : toText(evaluation, language)
  if (locale.length > 200) throw new RangeError('Incorrect locale information provided')
  const plain = toPlain(evaluation, options)
  return { locale, options: typeof plain === 'object' && plain !== null && !Array.isArray(plain) ? { ...plain } : {} }
}
