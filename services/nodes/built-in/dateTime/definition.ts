import type { NodeDefinition, NodeProperty } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, choices, collection, number, show, text, toggle } from '../../sdk/property.ts'

const base = {
  name: 'n8n-nodes-base.dateTime',
  displayName: 'Date & Time',
  description: 'Manipulate date and time values',
  category: 'data',
  color: '#408000',
  inputs: main,
  outputs: main,
  effects: 'pure',
} as const

const named = (...values: readonly string[]) => values.map((value) => [value, value] as const)
const units = [
  ['Quarters', 'quarters'],
  ['Years', 'years'],
  ['Months', 'months'],
  ['Weeks', 'weeks'],
  ['Days', 'days'],
  ['Hours', 'hours'],
  ['Minutes', 'minutes'],
  ['Seconds', 'seconds'],
  ['Milliseconds', 'milliseconds'],
] as const

const format = { action: ['format'] }
const calculate = { action: ['calculate'] }
const fromFormat = text('From Format', 'fromFormat')
export const firstDefinition: NodeDefinition = {
  ...base,
  versions: [1],
  properties: [
    choice(
      'Action',
      'action',
      [
        ['Calculate a Date', 'calculate'],
        ['Format a Date', 'format'],
      ],
      'format',
    ),
    text('Value', 'value', '', { required: true }),
    toggle('Custom Format', 'custom', false, show(format)),
    text('To Format', 'toFormat', '', show({ ...format, custom: [true] })),
    choice(
      'To Format',
      'toFormat',
      named('MM/DD/YYYY', 'YYYY/MM/DD', 'MMMM DD YYYY', 'MM-DD-YYYY', 'YYYY-MM-DD', 'X', 'x'),
      'MM/DD/YYYY',
      show({ ...format, custom: [false] }),
    ),
    choice(
      'Operation',
      'operation',
      [
        ['Add', 'add'],
        ['Subtract', 'subtract'],
      ],
      'add',
      show(calculate),
    ),
    number('Duration', 'duration', 0, show(calculate)),
    choice('Time Unit', 'timeUnit', units, 'days', show(calculate)),
    text('Property Name', 'dataPropertyName', 'data'),
    collection(
      'Options',
      'options',
      [fromFormat, text('From Timezone Name or ID', 'fromTimezone', 'UTC'), text('To Timezone Name or ID', 'toTimezone', 'UTC')],
      show(format),
    ),
    collection('Options', 'options', [fromFormat], show(calculate)),
  ],
}

const includeInputFields = toggle('Include Input Fields', 'includeInputFields', false)
const outputField = (operation: string, name: string): NodeProperty =>
  text('Output Field Name', 'outputFieldName', name, show({ operation: [operation] }))
const parts = [
  ['Year', 'year'],
  ['Month', 'month'],
  ['Week', 'week'],
  ['Day', 'day'],
  ['Hour', 'hour'],
  ['Minute', 'minute'],
  ['Second', 'second'],
] as const
const addOrSubtract = { operation: ['addToDate', 'subtractFromDate'] }
const of = (operation: string, more: Readonly<Record<string, readonly string[]>> = {}) => show({ operation: [operation], ...more })

export const definition: NodeDefinition = {
  ...base,
  versions: [2],
  properties: [
    choice(
      'Operation',
      'operation',
      [
        ['Add to a Date', 'addToDate'],
        ['Extract Part of a Date', 'extractDate'],
        ['Format a Date', 'formatDate'],
        ['Get Current Date', 'getCurrentDate'],
        ['Get Time Between Dates', 'getTimeBetweenDates'],
        ['Round a Date', 'roundDate'],
        ['Subtract From a Date', 'subtractFromDate'],
      ],
      'getCurrentDate',
    ),
    toggle('Include Current Time', 'includeTime', true, of('getCurrentDate')),
    outputField('getCurrentDate', 'currentDate'),
    text('Date to Add To', 'magnitude', '', show(addOrSubtract)),
    choice('Time Unit', 'timeUnit', units, 'days', show(addOrSubtract)),
    number('Duration', 'duration', 0, show(addOrSubtract)),
    outputField('addToDate', 'newDate'),
    outputField('subtractFromDate', 'newDate'),
    text('Date', 'date', '', show({ operation: ['formatDate', 'roundDate', 'extractDate'] })),
    choice(
      'Format',
      'format',
      named('custom', 'MM/dd/yyyy', 'yyyy/MM/dd', 'MMMM dd yyyy', 'MM-dd-yyyy', 'yyyy-MM-dd', 'X', 'x'),
      'MM/dd/yyyy',
      of('formatDate'),
    ),
    text('Custom Format', 'customFormat', '', of('formatDate', { format: ['custom'] })),
    outputField('formatDate', 'formattedDate'),
    choice(
      'Mode',
      'mode',
      [
        ['Round Down', 'roundDown'],
        ['Round Up', 'roundUp'],
      ],
      'roundDown',
      of('roundDate'),
    ),
    choice('To Nearest', 'toNearest', parts, 'month', of('roundDate', { mode: ['roundDown'] })),
    choice('To', 'to', [['End of Month', 'month']], 'month', of('roundDate', { mode: ['roundUp'] })),
    outputField('roundDate', 'roundedDate'),
    text('Start Date', 'startDate', '', of('getTimeBetweenDates')),
    text('End Date', 'endDate', '', of('getTimeBetweenDates')),
    choices('Units', 'units', [...parts, ['Millisecond', 'millisecond']], ['day'], of('getTimeBetweenDates')),
    outputField('getTimeBetweenDates', 'timeDifference'),
    choice('Part', 'part', parts, 'month', of('extractDate')),
    outputField('extractDate', 'datePart'),
    collection('Options', 'options', [
      includeInputFields,
      { ...fromFormat, ...show({ '/operation': ['formatDate'] }) },
      { ...toggle('Use Workflow Timezone', 'timezone', false), ...show({ '/operation': ['formatDate'] }) },
      { ...text('Timezone', 'timezone'), ...show({ '/operation': ['getCurrentDate'] }) },
      { ...toggle('Output as ISO String', 'isoString', false), ...show({ '/operation': ['getTimeBetweenDates'] }) },
    ]),
  ],
}
