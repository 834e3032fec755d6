import type { Evaluation } from '../budget.ts'
import { toNumber } from '../coerce.ts'
import { toPlain } from '../plain.ts'
import { members, type NativeCall } from '../values.ts'
import { intlArguments } from './intl.ts'

export const asDate = (self: unknown): Date => {
  if (self instanceof Date) return self
  throw new TypeError('not a Date')
}

const getters = [
  'getDate',
  'getDay',
  'getFullYear',
  'getHours',
  'getMilliseconds',
  'getMinutes',
  'getMonth',
  'getSeconds',
  'getTime',
  'getTimezoneOffset',
  'getUTCDate',
  'getUTCDay',
  'getUTCFullYear',
  'getUTCHours',
  'getUTCMilliseconds',
  'getUTCMinutes',
  'getUTCMonth',
  'getUTCSeconds',
  'toDateString',
  'toISOString',
  'toString',
  'toTimeString',
  'toUTCString',
  'valueOf',
] as const
const setters = [
  'setDate',
  'setFullYear',
  'setHours',
  'setMilliseconds',
  'setMinutes',
  'setMonth',
  'setSeconds',
  'setTime',
  'setUTCDate',
  'setUTCFullYear',
  'setUTCHours',
  'setUTCMilliseconds',
  'setUTCMinutes',
  'setUTCMonth',
  'setUTCSeconds',
] as const
const localized = ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString'] as const

const getter =
  (name: (typeof getters)[number]): NativeCall =>
  (_, self) =>
    asDate(self)[name]()

const setter =
  (name: (typeof setters)[number]): NativeCall =>
  (evaluation, self, args) =>
    (asDate(self)[name] as (...parts: number[]) => number)(...args.map((value) => toNumber(evaluation, value)))

const locale =
  (name: (typeof localized)[number]): NativeCall =>
  (evaluation: Evaluation, self, args) => {
    const { locale: language, options } = intlArguments(evaluation, args)
    return asDate(self)[name](language, options)
  }

const table = <Name extends string>(names: readonly Name[], make: (name: Name) => NativeCall): Record<string, NativeCall> =>
  Object.fromEntries(names.map((name) => [name, make(name)]))

/** The language's own methods of Date. Local times are those of the process, which runs in UTC. */
export const dateMethods = members({
  ...table(getters, getter),
  ...table(setters, setter),
  ...table(localized, locale),
  toJSON: (evaluation, self) => toPlain(evaluation, asDate(self)),
})
