import type { Evaluation } from '../budget.ts'
import { toInteger, toText } from '../coerce.ts'
import { makeRegExp, matchedElsewhere, payForMatch, writtenAs } from '../patterns/regex.ts'
import { toPlain } from '../plain.ts'
import { members } from '../values.ts'
import { asPattern, match, matchAll, split } from './string-matches.ts'
import { type Method, on, optionalInteger, paid, search } from './string-method.ts'
import { replace } from './string-replace.ts'

/** A text that is compared from end to end. */
const read = (evaluation: Evaluation, value: unknown): string => {
  const text = toText(evaluation, value)
  evaluation.chargeReading(text)
  return text
}

const pad =
  (side: 'padStart' | 'padEnd'): Method =>
  (evaluation, text, [length, filler]) => {
    const target = toInteger(evaluation, length)
    evaluation.chargeText(target)
    return text[side](target, filler === undefined ? ' ' : toText(evaluation, filler))
  }

const repeat: Method = (evaluation, text, [times]) => {
  const count = toInteger(evaluation, times)
  evaluation.chargeText(text.length * Math.max(0, count))
  return text.repeat(count)
}

const concat: Method = (evaluation, text, args) => {
  let made = text
  for (const value of args) {
    const more = toText(evaluation, value)
    evaluation.chargeText(made.length + more.length)
    made += more
  }
  return made
}

const locale = (evaluation: Evaluation, value: unknown): string | undefined => {
  evaluation.charge(500)
  return value === undefined ? undefined : toText(evaluation, value)
}

const compare: Method = (evaluation, text, [other, language, options]) =>
  text.localeCompare(
    toText(evaluation, other),
    locale(evaluation, language) ?? 'en-US',
    (toPlain(evaluation, options) ?? undefined) as Intl.CollatorOptions | undefined,
  )

/** The language's own methods of strings. */
export const stringMethods = members(
  {
    at: on((evaluation, text, [index]) => text.at(toInteger(evaluation, index))),
    charAt: on((evaluation, text, [index]) => text.charAt(toInteger(evaluation, index))),
    charCodeAt: on((evaluation, text, [index]) => text.charCodeAt(toInteger(evaluation, index))),
    codePointAt: on((evaluation, text, [index]) => text.codePointAt(toInteger(evaluation, index))),
    concat: on(concat),
    endsWith: on((evaluation, text, [part, end]) => text.endsWith(read(evaluation, part), optionalInteger(evaluation, end))),
    includes: search((text, part, from) => text.includes(part, from)),
    indexOf: search((text, part, from) => text.indexOf(part, from)),
    isWellFormed: paid((_, text) => text.isWellFormed()),
    lastIndexOf: search((text, part, from) => text.lastIndexOf(part, from ?? Number.POSITIVE_INFINITY)),
    localeCompare: paid(compare),
    match: on(match),
    matchAll: on(matchAll),
    normalize: paid((evaluation, text, [form]) => evaluation.text(text.normalize(form === undefined ? 'NFC' : toText(evaluation, form)))),
    padEnd: on(pad('padEnd')),
    padStart: on(pad('padStart')),
    repeat: on(repeat),
    replace: on(replace(false)),
    replaceAll: on(replace(true)),
    search: on((evaluation, text, [value]) => {
      const pattern = asPattern(evaluation, value, '')
      const { source, flags } = writtenAs(pattern)
      const elsewhere = matchedElsewhere(evaluation, makeRegExp(evaluation, source, flags.replace('g', '')), text, false)
      if (elsewhere !== undefined) return elsewhere[0]?.index ?? -1
      payForMatch(evaluation, pattern, text)
      return text.search(pattern)
    }),
    slice: on((evaluation, text, [from, to]) => text.slice(toInteger(evaluation, from), optionalInteger(evaluation, to))),
    split: on(split),
    startsWith: on((evaluation, text, [part, from]) => text.startsWith(read(evaluation, part), optionalInteger(evaluation, from))),
    substr: on((evaluation, text, [from, length]) => {
      const start = toInteger(evaluation, from)
      const first = start < 0 ? Math.max(0, text.length + start) : start
      return text.slice(first, length === undefined ? undefined : first + Math.max(0, toInteger(evaluation, length)))
    }),
    substring: on((evaluation, text, [from, to]) => text.substring(toInteger(evaluation, from), optionalInteger(evaluation, to))),
    toLocaleLowerCase: paid((evaluation, text, [language]) => text.toLocaleLowerCase(locale(evaluation, language) ?? 'en-US')),
    toLocaleUpperCase: paid((evaluation, text, [language]) => text.toLocaleUpperCase(locale(evaluation, language) ?? 'en-US')),
    toLowerCase: paid((_, text) => text.toLowerCase()),
    toString: on((_, text) => text),
    toUpperCase: paid((_, text) => text.toUpperCase()),
    toWellFormed: paid((_, text) => text.toWellFormed()),
    trim: paid((_, text) => text.trim()),
    trimEnd: paid((_, text) => text.trimEnd()),
    trimLeft: paid((_, text) => text.trimStart()),
    trimRight: paid((_, text) => text.trimEnd()),
    trimStart: paid((_, text) => text.trimStart()),
    valueOf: on((_, text) => text),
  },
  { length: (_, self) => (self as string).length },
)
