import { toNumber, toText } from '../coerce.ts'
import { Native, type NativeCall } from '../values.ts'
import { dateTime, duration, interval } from './luxon.ts'
import { conditionals, lists } from './n8n-functions.ts'
import { json, math } from './namespaces.ts'
import {
  bigIntConstructor,
  booleanConstructor,
  dateConstructor,
  numberConstructor,
  readFloat,
  readInteger,
  stringConstructor,
  symbolConstructor,
} from './primitives.ts'
import {
  arrayConstructor,
  errorConstructors,
  mapConstructor,
  objectConstructor,
  regexpConstructor,
  searchConstructor,
  setConstructor,
  urlConstructor,
} from './structures.ts'

const codec =
  (convert: (text: string) => string): NativeCall =>
  (evaluation, _, [value]) => {
    const text = toText(evaluation, value)
    evaluation.chargeText(text.length * 3)
    evaluation.charge(text.length >>> 2)
    return evaluation.text(convert(text))
  }

const functions: Record<string, NativeCall> = {
  parseInt: readInteger,
  parseFloat: readFloat,
  isNaN: (evaluation, _, [value]) => Number.isNaN(toNumber(evaluation, value)),
  isFinite: (evaluation, _, [value]) => Number.isFinite(toNumber(evaluation, value)),
  encodeURIComponent: codec(encodeURIComponent),
  decodeURIComponent: codec(decodeURIComponent),
  encodeURI: codec(encodeURI),
  decodeURI: codec(decodeURI),
  escape: codec((text) => encodeURIComponent(text)),
  unescape: codec((text) => decodeURIComponent(text)),
  btoa: codec((text) => Buffer.from(text, 'latin1').toString('base64')),
  atob: codec((text) => Buffer.from(text, 'base64').toString('latin1')),
  ...conditionals,
  ...lists,
}

/** Names that mean the same in every evaluation. */
export const constants: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['undefined', undefined],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ...Object.entries(functions).map(([name, native]): [string, unknown] => [name, new Native(name, native)]),
  ...[
    objectConstructor,
    arrayConstructor,
    mapConstructor,
    setConstructor,
    regexpConstructor,
    urlConstructor,
    searchConstructor,
    ...errorConstructors,
    stringConstructor,
    numberConstructor,
    booleanConstructor,
    bigIntConstructor,
    symbolConstructor,
    dateConstructor,
    dateTime,
    duration,
    interval,
  ].map((native): [string, unknown] => [native.name, native]),
  ['Math', math],
  ['JSON', json],
])
