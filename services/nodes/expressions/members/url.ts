import type { Evaluation } from '../budget.ts'
import { toText } from '../coerce.ts'
import { call, members } from '../values.ts'

const properties = ['hash', 'host', 'hostname', 'href', 'origin', 'password', 'pathname', 'port', 'protocol', 'search', 'username'] as const

const asUrl = (self: unknown): URL => {
  if (self instanceof URL) return self
  throw new TypeError('not a URL')
}
const asSearch = (self: unknown): URLSearchParams => {
  if (self instanceof URLSearchParams) return self
  throw new TypeError('not a URLSearchParams')
}

/** Paid in full, because the whole may be written out at any time. */
const added = (evaluation: Evaluation, value: unknown): string => {
  const text = toText(evaluation, value)
  evaluation.charge(text.length)
  return text
}

export const urlMethods = members(
  { toString: (_, self) => asUrl(self).href, toJSON: (_, self) => asUrl(self).href },
  {
    ...Object.fromEntries(properties.map((name) => [name, (_: unknown, self: unknown) => asUrl(self)[name]])),
    searchParams: (_, self) => asUrl(self).searchParams,
  },
)

export const searchMethods = members(
  {
    get: (evaluation, self, [name]) => asSearch(self).get(toText(evaluation, name)),
    getAll: (evaluation, self, [name]) => asSearch(self).getAll(toText(evaluation, name)),
    has: (evaluation, self, [name]) => asSearch(self).has(toText(evaluation, name)),
    append: (evaluation, self, [name, value]) => asSearch(self).append(added(evaluation, name), added(evaluation, value)),
    set: (evaluation, self, [name, value]) => asSearch(self).set(added(evaluation, name), added(evaluation, value)),
    delete: (evaluation, self, [name]) => asSearch(self).delete(toText(evaluation, name)),
    sort: (_, self) => asSearch(self).sort(),
    keys: (_, self) => [...asSearch(self).keys()],
    values: (_, self) => [...asSearch(self).values()],
    entries: (_, self) => [...asSearch(self).entries()],
    forEach: (evaluation, self, [callee]) => {
      for (const [name, value] of [...asSearch(self)]) call(evaluation, callee, [value, name, self])
    },
    toString: (evaluation, self) => evaluation.text(asSearch(self).toString()),
  },
  { size: (_, self) => asSearch(self).size },
)
