import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { NodeProperty } from '@weconnect/contracts/node'
import { DateTime } from 'luxon'
import { looseDate } from '../parameters/field-type.ts'
import { hasMatch, type TestElsewhere } from '../parameters/pattern-test.ts'
import { choice, dateTime, group, groups, hide, number, text, toggle } from '../sdk/property.ts'
import { asObjects, asText } from './per-item.ts'

const oneSided = hide({ operation: ['isEmpty', 'isNotEmpty'] })
const notRegex = { displayOptions: { hide: { operation: ['isEmpty', 'isNotEmpty', 'regex', 'notRegex'] } } }
const onlyRegex = { displayOptions: { show: { operation: ['regex', 'notRegex'] } } }

export const numberOperations = [
  ['Smaller', 'smaller'],
  ['Smaller or Equal', 'smallerEqual'],
  ['Equal', 'equal'],
  ['Not Equal', 'notEqual'],
  ['Larger', 'larger'],
  ['Larger or Equal', 'largerEqual'],
  ['Is Empty', 'isEmpty'],
  ['Is Not Empty', 'isNotEmpty'],
] as const
export const stringOperations = [
  ['Contains', 'contains'],
  ['Not Contains', 'notContains'],
  ['Ends With', 'endsWith'],
  ['Not Ends With', 'notEndsWith'],
  ['Equal', 'equal'],
  ['Not Equal', 'notEqual'],
  ['Regex Match', 'regex'],
  ['Regex Not Match', 'notRegex'],
  ['Starts With', 'startsWith'],
  ['Not Starts With', 'notStartsWith'],
  ['Is Empty', 'isEmpty'],
  ['Is Not Empty', 'isNotEmpty'],
] as const

/** The conditions of If 1 and Filter 1: one list per type. */
export const classicConditions: NodeProperty = groups(
  'Conditions',
  'conditions',
  [
    group('Boolean', 'boolean', [
      toggle('Value 1', 'value1'),
      choice(
        'Operation',
        'operation',
        [
          ['Equal', 'equal'],
          ['Not Equal', 'notEqual'],
        ],
        'equal',
      ),
      toggle('Value 2', 'value2'),
    ]),
    group('Date & Time', 'dateTime', [
      dateTime('Value 1', 'value1'),
      choice(
        'Operation',
        'operation',
        [
          ['Occurred After', 'after'],
          ['Occurred Before', 'before'],
        ],
        'after',
      ),
      dateTime('Value 2', 'value2'),
    ]),
    group('Number', 'number', [
      number('Value 1', 'value1'),
      choice('Operation', 'operation', numberOperations, 'smaller'),
      number('Value 2', 'value2', 0, oneSided),
    ]),
    group('String', 'string', [
      text('Value 1', 'value1'),
      choice('Operation', 'operation', stringOperations, 'equal'),
      text('Value 2', 'value2', '', notRegex),
      text('Regex', 'value2', '', onlyRegex),
    ]),
  ],
  { many: true },
)

type Value = JsonValue | undefined
type Compare = (value1: Value, value2: Value, elsewhere?: TestElsewhere) => boolean

const isEmpty = (value: Value): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  Number.isNaN(value) ||
  (typeof value === 'object' && !DateTime.isDateTime(value) && Object.keys(value).length === 0)

const textual =
  (compare: (value1: string, value2: string) => boolean): Compare =>
  (value1, value2) =>
    compare(asText(value1), asText(value2))

const matches: Compare = (value1, value2, elsewhere) => {
  const pattern = asText(value2)
  const [, body = pattern, flags = ''] = /^\/(.*?)\/([gimusy]*)$/.exec(pattern) ?? []
  return hasMatch(asText(value1), body, flags, elsewhere)
}

/** Missing numbers count as 0, as in n8n. */
const numeric =
  (compare: (value1: number, value2: number) => boolean): Compare =>
  (value1, value2) =>
    compare((value1 || 0) as number, (value2 || 0) as number)

const comparisons: Readonly<Record<string, Compare>> = {
  after: numeric((value1, value2) => value1 > value2),
  before: numeric((value1, value2) => value1 < value2),
  contains: textual((value1, value2) => value1.includes(value2)),
  notContains: textual((value1, value2) => !value1.includes(value2)),
  endsWith: textual((value1, value2) => value1.endsWith(value2)),
  notEndsWith: textual((value1, value2) => !value1.endsWith(value2)),
  startsWith: textual((value1, value2) => value1.startsWith(value2)),
  notStartsWith: textual((value1, value2) => !value1.startsWith(value2)),
  equal: (value1, value2) => value1 === value2,
  notEqual: (value1, value2) => value1 !== value2,
  larger: numeric((value1, value2) => value1 > value2),
  largerEqual: numeric((value1, value2) => value1 >= value2),
  smaller: numeric((value1, value2) => value1 < value2),
  smallerEqual: numeric((value1, value2) => value1 <= value2),
  isEmpty: (value1) => isEmpty(value1),
  isNotEmpty: (value1) => !isEmpty(value1),
  regex: matches,
  notRegex: (value1, value2, elsewhere) => !matches(value1, value2, elsewhere),
}

const instantOf = (value: Value, timezone: string): number => {
  const given = value as unknown
  if (DateTime.isDateTime(given)) return given.toMillis()
  if (typeof value === 'number') return value
  const date = DateTime.fromISO(asText(value), { zone: timezone })
  const loose = date.isValid ? date : DateTime.fromJSDate(looseDate(asText(value)))
  if (!loose.isValid) throw new WeConnectError('NODE_FAILED', `The value "${asText(value)}" is not a valid DateTime.`)
  return loose.toMillis()
}

export interface Comparing {
  readonly timezone: string
  readonly testElsewhere?: TestElsewhere
}

/**
 * Whether value 1 compares with value 2 as the operation says.
 * @throws WeConnectError NODE_FAILED for an unknown operation or a text that is no date
 */
export const compareClassic = (
  type: string,
  operation: string,
  value1: Value,
  value2: Value,
  { timezone, testElsewhere }: Comparing,
): boolean => {
  const compare = Object.hasOwn(comparisons, operation) ? comparisons[operation] : undefined
  if (!compare) throw new WeConnectError('NODE_FAILED', `The operation "${operation}" is not supported`)
  return type === 'dateTime' ? compare(instantOf(value1, timezone), instantOf(value2, timezone)) : compare(value1, value2, testElsewhere)
}

/** Whether the conditions of If 1 and Filter 1 hold: all of them, or any. No condition at all holds with "all". */
export const classicConditionsHold = (conditions: JsonObject, combine: 'all' | 'any', comparing: Comparing): boolean => {
  const results = Object.entries(conditions).flatMap(([type, list]) =>
    asObjects(list).map(
      (entry) => () => compareClassic(type, asText(entry['operation'], 'equal'), entry['value1'], entry['value2'], comparing),
    ),
  )
  return combine === 'any' ? results.some((holds) => holds()) : results.every((holds) => holds())
}
