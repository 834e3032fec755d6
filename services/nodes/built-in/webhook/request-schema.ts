import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonValue } from '@weconnect/contracts/json'
import { maxJsonDepth } from '@weconnect/contracts/json-depth'
import { type AnySchemaObject, Ajv as Draft7, type Options } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsModule from 'ajv-formats'
import { planOf, refuseExponential } from '../../expressions/patterns/regex.ts'
import { schemaValue } from './guards.ts'

/** Finds the first place of a value that does not fit. */
export type Misfit = (value: JsonValue) => { readonly path: string; readonly message: string } | undefined

const maxSchemaLength = 64 * 1024
const maxSchemaDepth = 40
const addFormats = formatsModule as unknown as typeof formatsModule.default

/**
 * Patterns of a schema meet texts of anybody who calls: they run in linear time, or meet only texts of a length that they can do.
 * @throws WeConnectError EXPRESSION_FAILED, SyntaxError
 */
const pattern = Object.assign(
  (source: string) => {
    const plan = planOf(source, '')
    refuseExponential(plan)
    const made = new RegExp(plan.source, plan.flags)
    const test = (text: string): boolean => text.length <= plan.maxLength && made.test(text)
    // By its text the generated code tells patterns apart.
    return { test, toString: () => `/${source}/` }
  },
  { code: 'undefined' },
)

/** Stops at the first misfit: finding all of them is work that a caller could ask for without end. */
const settings: Options = {
  strict: false,
  allErrors: false,
  validateSchema: true,
  logger: false,
  unicodeRegExp: false,
  code: { regExp: pattern },
}

const depthOf = (value: unknown, depth = 0): number => {
  if (typeof value !== 'object' || value === null || depth > maxJsonDepth) return depth
  return Math.max(depth, ...Object.values(value).map((member) => depthOf(member, depth + 1)))
}

const refuse = (message: string): never => {
  throw new WeConnectError('INVALID_INPUT', message)
}

const checked = (typed: JsonValue): AnySchemaObject | boolean => {
  if (JSON.stringify(typed).length > maxSchemaLength) refuse('A schema may have 64 KiB at most')
  let schema: unknown
  try {
    schema = schemaValue(typed)
  } catch {
    refuse('The schema is not JSON')
  }
  if (typeof schema === 'boolean') return schema
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return refuse('A JSON Schema is an object')
  if (depthOf(schema) > maxSchemaDepth) refuse(`A schema may be nested ${maxSchemaDepth} levels deep at most`)
  return schema as AnySchemaObject
}

/** Draft 2020-12 unless `$schema` names draft 7 or 6, in a schema that refers to itself only: nothing is fetched. @throws WeConnectError INVALID_INPUT */
export const compileSchema = (typed: JsonValue): Misfit => {
  const schema = checked(typed)
  const draft = typeof schema === 'object' ? String(schema['$schema'] ?? '') : ''
  const ajv = /draft-0[67]/.test(draft) ? new Draft7(settings) : new Ajv2020(settings)
  addFormats(ajv)
  if (typeof schema === 'object' && draft.includes('draft-06')) delete schema['$schema']
  try {
    const validate = ajv.compile(schema)
    return (value) => {
      if (validate(value)) return undefined
      const [error] = validate.errors ?? []
      return { path: jsonPath(error?.instancePath ?? ''), message: messageOf(error?.message ?? 'does not fit', error?.params ?? {}) }
    }
  } catch (error) {
    return refuse(`The schema cannot be used: ${error instanceof Error ? error.message.slice(0, 300) : ''}`)
  }
}

const messageOf = (message: string, { allowedValues, additionalProperty }: Record<string, unknown>): string => {
  if (Array.isArray(allowedValues))
    return `${message}: ${allowedValues
      .map((value) => JSON.stringify(value))
      .join(', ')
      .slice(0, 300)}`
  return typeof additionalProperty === 'string' ? `${message}: ${JSON.stringify(additionalProperty.slice(0, 100))}` : message
}

/** `/items/0/a b` as `.items[0]["a b"]`. */
const jsonPath = (pointer: string): string =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : /^[A-Za-z_$][\w$]*$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`))
    .join('')
