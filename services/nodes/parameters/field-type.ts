import { isJsonObject } from '@weconnect/contracts/json'
import { DateTime } from 'luxon'
import { parseJsLiteral } from './js-literal.ts'

export interface FieldOptions {
  readonly valueOptions?: readonly { readonly name: string; readonly value: unknown }[]
  /** Values are checked, never converted. */
  readonly strict?: boolean
  /** Whatever is not a string becomes one where a string is asked for. */
  readonly parseStrings?: boolean
  /** IANA zone of texts without one; the default zone of luxon when absent. */
  readonly timezone?: string
}
export type FieldResult = { readonly valid: true; readonly newValue?: unknown } | { readonly valid: false; readonly errorMessage: string }

/** A conversion: the value as the type, or undefined when it cannot be one. */
type Convert = (value: unknown, options: FieldOptions) => unknown

const isDate = (value: unknown): value is Date | DateTime => value instanceof Date || DateTime.isDateTime(value)

/** A date is its milliseconds. */
const asNumber: Convert = (value) => {
  const number = typeof value === 'object' && !Array.isArray(value) && !isDate(value) ? Number.NaN : Number(value)
  return Number.isNaN(number) ? undefined : number
}

const asBoolean: Convert = (value) => {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string' && ['true', 'false'].includes(value.toLowerCase())) return value.toLowerCase() === 'true'
  const isNumeric = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')
  const number = isNumeric ? Number(value) : Number.NaN
  return number === 0 ? false : number === 1 ? true : undefined
}

const textOf = (value: unknown): string => {
  if (DateTime.isDateTime(value)) return value.toISO() ?? ''
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const formats: readonly ((text: string, zone: { zone?: string; setZone: boolean }) => DateTime)[] = [
  (text, zone) => DateTime.fromISO(text, zone),
  (text, zone) => DateTime.fromRFC2822(text, zone),
  (text, zone) => DateTime.fromHTTP(text, zone),
  (text, zone) => DateTime.fromSQL(text, zone),
]

/** A name of a zone, or an offset, which only counts behind a time: the year of 1-Feb-2024 is none. */
const namesZone = /(Z|GMT|UTC|:\d{2}(\.\d+)?\s*(GMT|UTC)?[+-]\d{2}:?\d{2}|\b[ECMP][SD]T)\)?\s*$/i

/**
 * Dates in any other form that JavaScript reads. A text without a zone is taken as UTC, never in the zone of the machine, so that
 * a run is the same everywhere.
 */
export const looseDate = (text: string): Date => {
  const utc = namesZone.test(text.replace(/\([^)]*\)/g, '')) ? undefined : new Date(`${text} UTC`)
  return utc === undefined || Number.isNaN(utc.getTime()) ? new Date(text) : utc
}

const asDateTime: Convert = (value, { timezone }) => {
  if (DateTime.isDateTime(value)) return value.isValid ? value : undefined
  if (value instanceof Date) return DateTime.fromJSDate(value, timezone ? { zone: timezone } : {})
  if (typeof value !== 'string') return undefined
  const zone = { setZone: true, ...(timezone ? { zone: timezone } : {}) }
  const known = formats.map((format) => format(value.trim(), zone)).find((date) => date.isValid)
  if (known || /^\d+(\.\d+)?$/.test(value)) return known
  const loose = DateTime.fromJSDate(looseDate(value), timezone ? { zone: timezone } : {})
  return loose.isValid ? loose : undefined
}

const parsed = (value: unknown): unknown => {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    try {
      return parseJsLiteral(value)
    } catch {
      return undefined
    }
  }
}
const asArray: Convert = (value) => {
  const list = parsed(value)
  return Array.isArray(list) ? list : undefined
}
const asObject: Convert = (value) => {
  const object = parsed(value)
  return isJsonObject(object) ? object : undefined
}
const matching =
  (pattern: RegExp): Convert =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? value : undefined
const isUrl: Convert = (value) =>
  typeof value === 'string' && URL.canParse(value.includes('://') ? value : `http://${value}`)
    ? value.includes('://')
      ? value
      : `http://${value}`
    : undefined
const isBinary: Convert = (value) =>
  isJsonObject(value) && typeof value['mimeType'] === 'string' && (typeof value['data'] === 'string' || typeof value['id'] === 'string')
    ? value
    : undefined
const isChoice: Convert = (value, { valueOptions = [] }) => (valueOptions.some((option) => option.value === value) ? value : undefined)
const asFormFields: Convert = (value) => {
  const fields = parsed(value)
  return Array.isArray(fields) && fields.every(isJsonObject) ? fields : undefined
}

const conversions: Readonly<Record<string, Convert>> = {
  string: (value, { parseStrings }) => (parseStrings ? textOf(value) : value),
  'string-alphanumeric': matching(/^[A-Za-z_][A-Za-z0-9_]*$/),
  number: asNumber,
  boolean: asBoolean,
  dateTime: asDateTime,
  time: matching(/^\d{2}:\d{2}(:\d{2})?((-|\+)\d{4})?((-|\+)\d{1,2}(:\d{2})?)?$/),
  object: asObject,
  array: asArray,
  options: isChoice,
  url: isUrl,
  jwt: matching(/^[A-Za-z0-9-_]+\.[A-Za-z0-9-_]+\.[A-Za-z0-9-_]*$/),
  binary: isBinary,
  'form-fields': asFormFields,
}

const strictTypes: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  object: isJsonObject,
  array: Array.isArray,
}

const shown = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value === 'object' ? 'object' : `'${String(value)}'`)

const dateHint =
  ' <br/><br/> Consider using <a href="https://moment.github.io/luxon/api-docs/index.html#datetimefromformat" target="_blank"><code>DateTime.fromFormat</code></a> to work with custom date formats.'

const messageFor = (name: string, value: unknown, type: string, { valueOptions = [] }: FieldOptions): string => {
  if (type === 'string-alphanumeric') return 'Value is not a valid alphanumeric string, only letters, numbers and underscore allowed'
  if (type === 'jwt') return 'Value is not a valid JWT token'
  if (type === 'time') return `'${name}' expects time (hh:mm:(:ss)) but we got ${shown(value)}.`
  if (type === 'options')
    return `'${name}' expects one of the following values: [${valueOptions.map((option) => String(option.value)).join(', ')}] but we got ${shown(value)}`
  const base = `'${name}' expects a ${type} but we got ${shown(value)}`
  if (type === 'dateTime') return base + dateHint
  return type === 'binary'
    ? `${base}. Make sure the value is a valid binary data object with 'mimeType' and 'data' or 'id' property.`
    : base
}

/** Checks and converts a value to a field type. An absent value is valid; an unknown type takes everything. */
export const validateFieldType = (name: string, value: unknown, type: string, options: FieldOptions = {}): FieldResult => {
  if (value === null || value === undefined) return { valid: true }
  const convert = Object.hasOwn(conversions, type) ? conversions[type]! : (same: unknown) => same
  const strictlyWrong = options.strict === true && strictTypes[type]?.(value) === false
  const newValue = strictlyWrong ? undefined : convert(value, options)
  return newValue === undefined ? { valid: false, errorMessage: messageFor(name, value, type, options) } : { valid: true, newValue }
}
