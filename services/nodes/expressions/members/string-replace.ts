import type { Evaluation } from '../budget.ts'
import { toText } from '../coerce.ts'
import { call, isFunction } from '../values.ts'
import { matchesOf } from './string-matches.ts'
import type { Method } from './string-method.ts'
import { payForSearch } from './text-search.ts'

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

export const replace =
  (all: boolean): Method =>
  (evaluation, text, [searched, replacement]) => {
    if (!(searched instanceof RegExp))
      return replaceAt(evaluation, text, literalPlaces(evaluation, text, toText(evaluation, searched), all), replacement)
    if (all && !searched.global) throw new TypeError('replaceAll must be called with a global RegExp')
    const places = matchesOf(evaluation, searched, text).map((found) => ({ index: found.index, words: [...found], groups: found.groups }))
    return replaceAt(evaluation, text, places, replacement)
  }
