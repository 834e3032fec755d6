import { WeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'

/** Whose executions share a slot. */
export type Scope = 'workflow' | 'organisation' | 'global'

/** How many executions run at a time. */
export interface ConcurrencyLimit {
  readonly limit: number
  /** Default: workflow. */
  readonly scope?: Scope
  /** Text, or an expression over what the trigger gave: each of its values has slots of its own. */
  readonly key?: string
  /** Tells slots of an organisation, or of all, from others of the same key. */
  readonly name?: string
  /** Executions that may wait; what comes then is refused. Default: any number. */
  readonly queue?: number
  /** Whether an execution that waits (Wait node, incident, late retry) gives its slot to others. Default: release. */
  readonly whileWaiting?: 'release' | 'hold'
}

/** How many executions begin within a time. */
export interface Pace {
  readonly limit: number
  readonly periodMs: number
  readonly key?: string
}
export interface Throttle extends Pace {
  /** As in ConcurrencyLimit. */
  readonly queue?: number
}

export interface Debounce {
  /** Milliseconds without an arrival after which the newest runs. */
  readonly periodMs: number
  /** Milliseconds after the first arrival at which it runs whatever still arrives. */
  readonly maxWaitMs?: number
  readonly key?: string
}

export interface Batch {
  readonly maxSize: number
  /** Milliseconds after the first arrival. */
  readonly timeoutMs: number
  readonly key?: string
}

/** One execution that has not ended. skip: what comes meanwhile is not begun; cancel: what comes takes its place. */
export interface Singleton {
  readonly mode: 'skip' | 'cancel'
  readonly key?: string
}

/** What a workflow declares in settings.flowControl. */
export interface FlowControl {
  readonly concurrency?: readonly ConcurrencyLimit[]
  readonly throttle?: Throttle
  readonly rateLimit?: Pace
  readonly debounce?: Debounce
  readonly batch?: Batch
  readonly singleton?: Singleton
  /** 1 (first) to 5, or an expression that gives one. */
  readonly priority?: number | string
}

const mostHolders = 10_000
/** Times of starts are kept, one by one. */
const mostStarts = 1_000
const mostArrivals = 1_000
const mostWaiting = 1_000_000
const mostLimits = 4
const year = 366 * 86_400_000

type Check = (value: JsonValue) => string | undefined

const whole =
  (from: number, to: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= from && (value as number) <= to
      ? undefined
      : `must be a whole number from ${from} to ${to}`
const oneOf =
  (...allowed: readonly string[]): Check =>
  (value) =>
    allowed.includes(value as string) ? undefined : `must be ${allowed.join(' or ')}`
const text: Check = (value) =>
  typeof value === 'string' && value !== '' && value.length <= 1_000 ? undefined : 'must be a text of 1 to 1000 characters'
const milliseconds = whole(1, year)
const key = text

type Fields = Readonly<Record<string, { readonly check: Check; readonly optional?: true }>>
const maybe = (check: Check) => ({ check, optional: true }) as const
const must = (check: Check) => ({ check })

const concurrencyFields: Fields = {
  limit: must(whole(1, mostHolders)),
  scope: maybe(oneOf('workflow', 'organisation', 'global')),
  key: maybe(key),
  name: maybe(text),
  queue: maybe(whole(0, mostWaiting)),
  whileWaiting: maybe(oneOf('release', 'hold')),
}
const paceFields: Fields = { limit: must(whole(1, mostStarts)), periodMs: must(milliseconds), key: maybe(key) }

const objectFields: Readonly<Record<string, Fields>> = {
  throttle: { ...paceFields, queue: maybe(whole(0, mostWaiting)) },
  rateLimit: paceFields,
  debounce: { periodMs: must(milliseconds), maxWaitMs: maybe(milliseconds), key: maybe(key) },
  batch: { maxSize: must(whole(1, mostArrivals)), timeoutMs: must(milliseconds), key: maybe(key) },
  singleton: { mode: must(oneOf('skip', 'cancel')), key: maybe(key) },
}

const invalid = (path: string, problem: string): WeConnectError =>
  new WeConnectError('INVALID_INPUT', `${path}: ${problem}`, { problems: [{ code: 'INVALID_INPUT', message: problem, path }] })

const checkFields = (value: JsonValue | undefined, fields: Fields, path: string): void => {
  if (!isJsonObject(value)) throw invalid(path, 'must be an object')
  for (const name of Object.keys(value)) if (!Object.hasOwn(fields, name)) throw invalid(`${path}.${name}`, 'is not known here')
  for (const [name, { check, optional }] of Object.entries(fields)) {
    const given = value[name]
    if (given === undefined && optional) continue
    const problem = check(given ?? null)
    if (problem !== undefined) throw invalid(`${path}.${name}`, problem)
  }
}

const limitsOf = (value: JsonValue | undefined): readonly JsonValue[] | undefined =>
  value === undefined ? undefined : Array.isArray(value) ? value : [value]

const checkPriority = (value: JsonValue | undefined, path: string): void => {
  const isLevel = Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 5
  if (value !== undefined && !isLevel && !isExpression(value))
    throw invalid(path, 'must be a whole number from 1 to 5, or an expression that gives one')
}

/** As n8n writes expressions: after an `=`. */
export const isExpression = (value: JsonValue | undefined): value is string => typeof value === 'string' && value.startsWith('=')

const path = '$.settings.flowControl'

/**
 * What settings declare; undefined = nothing.
 * @throws WeConnectError INVALID_INPUT naming the place
 */
export const parseFlowControl = (settings: JsonObject): FlowControl | undefined => {
  const declared = settings['flowControl']
  if (declared === undefined || declared === null) return undefined
  if (!isJsonObject(declared)) throw invalid(path, 'must be an object')
  const { concurrency, priority, ...objects } = declared
  const limits = limitsOf(concurrency)
  if (limits && limits.length > mostLimits) throw invalid(`${path}.concurrency`, `holds at most ${mostLimits} limits`)
  for (const [index, limit] of (limits ?? []).entries()) checkFields(limit, concurrencyFields, `${path}.concurrency[${index}]`)
  checkPriority(priority, `${path}.priority`)
  for (const [name, value] of Object.entries(objects)) {
    const fields = Object.hasOwn(objectFields, name) ? objectFields[name] : undefined
    if (!fields) throw invalid(`${path}.${name}`, 'is not known here')
    checkFields(value, fields, `${path}.${name}`)
  }
  if (objects['debounce'] !== undefined && objects['batch'] !== undefined)
    throw invalid(path, 'debounce and batch exclude each other: the one keeps the newest arrival, the other all of them')
  const parsed = { ...declared, ...(limits && { concurrency: limits }) } as unknown as FlowControl
  return Object.keys(declared).length === 0 ? undefined : parsed
}

/** Every expression that is declared, with its place. */
export const expressionsOf = ({ concurrency = [], priority, ...objects }: FlowControl): readonly { path: string; code: string }[] => {
  const keyed = [
    ...concurrency.map((limit, index) => [`concurrency[${index}].key`, limit.key] as const),
    ...Object.entries(objects).map(([name, declared]) => [`${name}.key`, (declared as { key?: string }).key] as const),
    ['priority', priority] as const,
  ]
  return keyed.flatMap(([place, code]) => (isExpression(code) ? [{ path: `${path}.${place}`, code }] : []))
}
