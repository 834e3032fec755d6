import { DateTime, Duration, Interval } from 'luxon'
import { arrayExtensions } from '../extensions/array.ts'
import { booleanExtensions } from '../extensions/boolean.ts'
import { dateExtensions, dateTimeExtensions } from '../extensions/date.ts'
import { numberExtensions } from '../extensions/number.ts'
import { objectExtensions } from '../extensions/object.ts'
import { stringExtensions } from '../extensions/string.ts'
import { Closure, Facade, isPlain, joinMembers, type Members, members, Native, noMembers } from '../values.ts'
import { arrayMethods } from './array.ts'
import { mapMethods, setMethods } from './collections.ts'
import { dateMethods } from './date.ts'
import { functionMethods } from './function.ts'
import { dateTimeMethods, durationMethods, intervalMethods } from './luxon.ts'
import { bigIntMethods, booleanMethods, numberMethods, symbolMethods } from './number.ts'
import { errorMethods, objectMethods } from './object.ts'
import { regexpMethods } from './regexp.ts'
import { stringMethods } from './string.ts'
import { searchMethods, urlMethods } from './url.ts'

/** null and undefined have the two questions that make sense for them. */
export const nothingMembers: Members = members({ isEmpty: () => true, isNotEmpty: () => false })

// Where both have a name, n8n's method wins only if it is listed last.
const strings = joinMembers(stringMethods, stringExtensions)
const numbers = joinMembers(numberMethods, numberExtensions)
const booleans = joinMembers(booleanMethods, booleanExtensions)
const arrays = joinMembers(arrayMethods, arrayExtensions)
const objects = joinMembers(objectMethods, objectExtensions)
const dates = joinMembers(dateMethods, dateExtensions)
const dateTimes = joinMembers(dateTimeMethods, dateTimeExtensions)

const ofNative = (native: Native): Members => ({
  properties: { get: (name) => native.statics.properties.get(name) ?? functionMethods.properties.get(name) },
  methods: { get: (name) => native.statics.methods.get(name) ?? functionMethods.methods.get(name) },
})
const nativeMembers = new WeakMap<Native, Members>()

const membersOfNative = (native: Native): Members => {
  const known = nativeMembers.get(native) ?? ofNative(native)
  nativeMembers.set(native, known)
  return known
}

const membersOfObject = (value: object): Members => {
  if (Array.isArray(value)) return arrays
  if (isPlain(value)) return objects
  if (value instanceof Facade) return value.members
  if (value instanceof Native) return membersOfNative(value)
  if (value instanceof Closure) return functionMethods
  if (DateTime.isDateTime(value)) return dateTimes
  if (value instanceof Date) return dates
  if (Duration.isDuration(value)) return durationMethods
  if (Interval.isInterval(value)) return intervalMethods
  if (value instanceof RegExp) return regexpMethods
  if (value instanceof Map) return mapMethods
  if (value instanceof Set) return setMethods
  if (value instanceof Error) return errorMethods
  if (value instanceof URL) return urlMethods
  return value instanceof URLSearchParams ? searchMethods : noMembers
}

/** The allow-list of a value: everything an expression can reach of it besides own properties of data. */
export const membersOf = (value: unknown): Members => {
  switch (typeof value) {
    case 'string':
      return strings
    case 'number':
      return numbers
    case 'boolean':
      return booleans
    case 'bigint':
      return bigIntMethods
    case 'symbol':
      return symbolMethods
    case 'object':
      return value === null ? nothingMembers : membersOfObject(value)
    default:
      return nothingMembers
  }
}
