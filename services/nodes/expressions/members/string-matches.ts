import type { Evaluation } from '../budget.ts'
import { toText } from '../coerce.ts'
import { costOfAnother, makeRegExp, matchedElsewhere, payForMatch, writtenAs } from '../patterns/regex.ts'
import { type Method, optionalInteger } from './string-method.ts'
import { payForSearch } from './text-search.ts'

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

export const asPattern = (evaluation: Evaluation, value: unknown, flags: string): RegExp =>
  value instanceof RegExp ? value : makeRegExp(evaluation, value === undefined ? '' : toText(evaluation, value), flags)

export const match: Method = (evaluation, text, [value]) => {
  const pattern = asPattern(evaluation, value, '')
  const found = matchesOf(evaluation, pattern, text)
  if (found.length === 0) return null
  return pattern.global ? found.map((each) => each[0]) : plainMatch(found[0]!)
}

export const matchAll: Method = (evaluation, text, [value]) => {
  const pattern = asPattern(evaluation, value, 'g')
  if (!pattern.global) throw new TypeError('matchAll must be called with a global RegExp')
  return matchesOf(evaluation, pattern, text).map(plainMatch)
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

export const split: Method = (evaluation, text, [separator, most]) => {
  const limit = Math.min(optionalInteger(evaluation, most) ?? mostPieces, mostPieces)
  if (separator instanceof RegExp) return splitByPattern(evaluation, text, separator).slice(0, limit)
  if (separator === undefined) return [text].slice(0, limit)
  const mark = toText(evaluation, separator)
  payForSearch(evaluation, text, mark)
  const parts = text.split(mark, limit)
  evaluation.chargeList(parts.length)
  return parts
}
