import type { Evaluation } from '../budget.ts'
import { toInteger, toText } from '../coerce.ts'
import { costOfAnother, makeRegExp, matchedElsewhere, payForMatch, writtenAs } from '../patterns/regex.ts'
import { toPlain } from '../plain.ts'
import { type Arguments, call, isFunction, members, type NativeCall } from '../values.ts'
import { payForSearch } from './text-search.ts'

type Method = (evaluation: Evaluation, text: string, args: Arguments) => unknown

const on =
  (method: Method): NativeCall =>
  (evaluation, self, args) =>
    method(evaluation, toText(evaluation, self), args)

/** Copies out of the text, paid by length. */
const paid =
  (method: Method): NativeCall =>
  (evaluation, self, args) => {
    const text = toText(evaluation, self)
    evaluation.chargeText(text.length)
    return method(evaluation, text, args)
  }

const optionalInteger = (evaluation: Evaluation, value: unknown) => (value === undefined ? undefined : toInteger(evaluation, value))

const search =
  (method: (text: string, part: string, from: number | undefined) => unknown): NativeCall =>
  (evaluation, self, [value, from]) => {
    const text = toText(evaluation, self)
    const part = toText(evaluation, value)
    payForSearch(evaluation, text, part)
    return method(text, part, optionalInteger(evaluation, from))
  }

/** All matches, one at a time, so that their number is bounded. An empty match moves on by one. */
export const matchesOf = (evaluation: Evaluation, pattern: RegExp, text: string): RegExpExecArray[] => {
  const once = !pattern.global
  const elsewhere = matchedElsewhere(evaluation, pattern, text, !once)
  if (elsewhere !== undefined) return elsewhere
  payForMatch(evaluation, pattern, text)
  const found: RegExpExecArray[] = []
  const another = costOfAnother(pattern, text)
  if (pattern.global) pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    found.push(match)
    evaluation.chargeList(1)
    if (once) break
    if (match[0] === '') pattern.lastIndex++
    evaluation.charge(another(pattern.lastIndex))
  }
  return found
}

const plainMatch = (match: RegExpExecArray): unknown[] =>
  Object.assign([...match], {
    index: match.index,
    input: match.input,
    groups: match.groups === undefined ? undefined : { ...match.groups },
  })

const asPattern = (evaluation: Evaluation, value: unknown, flags: string): RegExp =>
  value instanceof RegExp ? value : makeRegExp(evaluation, value === undefined ? '' : toText(evaluation, value), flags)

const match: Method = (evaluation, text, [value]) => {
  const pattern = asPattern(evaluation, value, '')
  const found = matchesOf(evaluation, pattern, text)
  if (found.length === 0) return null
  return pattern.global ? found.map((each) => each[0]) : plainMatch(found[0]!)
}

const matchAll: Method = (evaluation, text, [value]) => {
  const pattern = asPattern(evaluation, value, 'g')
  if (!pattern.global) throw new TypeError('matchAll must be called with a global RegExp')
  return matchesOf(evaluation, pattern, text).map(plainMatch)
}

/** One place of the text to replace, with what a replacement may mention. */
interface Place {
  readonly index: number
  readonly words: readonly (string | undefined)[]
  readonly groups: Readonly<Record<string, string>> | undefined
}

const expand = (template: string, place: Place, text: string): string =>
  template.replace(/\$(?:([$&`'])|(\d{1,2})|<([^>]*)>)/g, (all: string, mark?: string, digits?: string, name?: string) => {
    if (mark === '$') return '$'
    if (mark === '&') return place.words[0] ?? ''
    if (mark === '`') return text.slice(0, place.index)
    if (mark === "'") return text.slice(place.index + (place.words[0] ?? '').length)
    if (name !== undefined) return place.groups === undefined ? all : Object.hasOwn(place.groups, name) ? (place.groups[name] ?? '') : ''
    const both = Number(digits)
    if (both >= 1 && both < place.words.length) return place.words[both] ?? ''
    const single = Number(digits?.[0])
    return single >= 1 && single < place.words.length ? `${place.words[single] ?? ''}${digits?.slice(1) ?? ''}` : all
  })

/** Texts before and after the match may each be as long as the whole. */
const payForExpansion = (evaluation: Evaluation, template: string, text: string): void => {
  const marks = template.match(/\$[`']/g)?.length ?? 0
  evaluation.chargeText(template.length + marks * text.length)
}

const replaceAt = (evaluation: Evaluation, text: string, places: readonly Place[], replacement: unknown): string => {
  const template = isFunction(replacement) ? undefined : toText(evaluation, replacement)
  if (template?.includes('$') && places.length > 0) payForExpansion(evaluation, template, text)
  let made = ''
  let done = 0
  for (const place of places) {
    const extra = place.groups === undefined ? [] : [{ ...place.groups }]
    const words =
      template === undefined
        ? toText(evaluation, call(evaluation, replacement, [...place.words, place.index, text, ...extra]))
        : template.includes('$')
          ? expand(template, place, text)
          : template
    evaluation.chargeText(made.length + words.length + 1)
    evaluation.charge(words.length >>> 4)
    made += text.slice(done, place.index) + words
    done = place.index + (place.words[0] ?? '').length
  }
  return evaluation.text(made + text.slice(done))
}

const literalPlaces = (evaluation: Evaluation, text: string, searched: string, all: boolean): Place[] => {
  const places: Place[] = []
  payForSearch(evaluation, text, searched)
  for (let at = text.indexOf(searched); at >= 0; at = text.indexOf(searched, at + Math.max(1, searched.length))) {
    evaluation.chargeList(1)
    places.push({ index: at, words: [searched], groups: undefined })
    if (!all || (searched === '' && at >= text.length)) break
  }
  return places
}

const replace =
  (all: boolean): Method =>
  (evaluation, text, [searched, replacement]) => {
    if (!(searched instanceof RegExp))
      return replaceAt(evaluation, text, literalPlaces(evaluation, text, toText(evaluation, searched), all), replacement)
    if (all && !searched.global) throw new TypeError('replaceAll must be called with a global RegExp')
    const places = matchesOf(evaluation, searched, text).map((found) => ({ index: found.index, words: [...found], groups: found.groups }))
    return replaceAt(evaluation, text, places, replacement)
  }

/** A pattern's matches cut the text; what its groups caught goes between the pieces. An empty match cuts only between characters. */
const splitByPattern = (evaluation: Evaluation, text: string, separator: RegExp): unknown[] => {
  const { source, flags } = writtenAs(separator)
  const matches = matchesOf(evaluation, makeRegExp(evaluation, source, flags.includes('g') ? flags : `${flags}g`), text)
  if (text === '') return matches.length > 0 ? [] : ['']
  const parts: unknown[] = []
  let done = 0
  for (const match of matches) {
    const end = match.index + match[0].length
    if (end === done || match.index >= text.length) continue
    parts.push(text.slice(done, match.index), ...match.slice(1))
    done = end
  }
  return [...parts, text.slice(done)]
}

const mostPieces = 1_000_001

const split: Method = (evaluation, text, [separator, most]) => {
  const limit = Math.min(optionalInteger(evaluation, most) ?? mostPieces, mostPieces)
  if (separator instanceof RegExp) return splitByPattern(evaluation, text, separator).slice(0, limit)
  if (separator === undefined) return [text].slice(0, limit)
  const mark = toText(evaluation, separator)
  payForSearch(evaluation, text, mark)
  const parts = text.split(mark, limit)
  evaluation.chargeList(parts.length)
  return parts
}

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
