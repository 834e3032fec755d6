import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { DateTime, DateTimeUnit, DurationUnit } from 'luxon'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { eachItem } from '../each-item.ts'
import { asNames, asObject, asText, type Columns, nodeFailure, unsupported } from '../per-item.ts'
import { definition } from './definition.ts'
import { inZone, readDate, readDateAs } from './read-date.ts'

interface Place {
  readonly context: NodeContext
  /** A parameter of the item. */
  readonly read: (name: string) => JsonValue | undefined
  readonly options: JsonObject
  /** Of the workflow. */
  readonly zone: string
}
type Operation = (place: Place) => Promise<JsonValue> | JsonValue

const parts = ['year', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond'] as const
const isPart = (value: string): value is (typeof parts)[number] => (parts as readonly string[]).includes(value)
const partOf = ({ context, read }: Place, name: string): DateTimeUnit => {
  const part = asText(read(name))
  if (!isPart(part)) throw nodeFailure(context, `"${part}" is no part of a date`, name)
  return part
}

const iso = (date: DateTime): string => date.toISO() ?? ''
const dateIn = ({ read, zone }: Place, name: string): DateTime => inZone(readDate(read(name)), zone)

const moved =
  (direction: 1 | -1): Operation =>
  (place) =>
    iso(dateIn(place, 'magnitude').plus({ [asText(place.read('timeUnit'), 'days')]: direction * Number(place.read('duration')) }))

const format: Operation = ({ read, options, zone }) => {
  const name = asText(read('format'))
  const fromFormat = asText(options['fromFormat'])
  const date = fromFormat === '' ? readDate(read('date')) : readDateAs(read('date'), fromFormat)
  const shown = options['timezone'] === true ? inZone(date, zone) : date
  return shown.toFormat(name === 'custom' ? asText(read('customFormat')) : name)
}

const currentDate: Operation = async ({ context, read, options, zone }) => {
  const now = inZone(readDate(await context.now()), asText(options['timezone']) || zone)
  return iso(read('includeTime') === false ? now.startOf('day') : now)
}

const between: Operation = (place) => {
  const units = asNames(place.read('units'))
  for (const unit of units) if (!isPart(unit)) throw nodeFailure(place.context, `"${unit}" is no part of a date`, 'units')
  const duration = dateIn(place, 'endDate').diff(dateIn(place, 'startDate'), units as DurationUnit[])
  return place.options['isoString'] === true ? (duration.toISO() ?? '') : (duration.toObject() as JsonObject)
}

const round: Operation = (place) =>
  iso(
    place.read('mode') === 'roundUp'
      ? dateIn(place, 'date').endOf(partOf(place, 'to'))
      : dateIn(place, 'date').startOf(partOf(place, 'toNearest')),
  )

const extract: Operation = (place) => {
  const part = partOf(place, 'part')
  const date = dateIn(place, 'date')
  return part === 'week' ? date.weekNumber : date.get(part as 'year')
}

const operations: Readonly<Record<string, Operation>> = {
  addToDate: moved(1),
  subtractFromDate: moved(-1),
  formatDate: format,
  getCurrentDate: currentDate,
  getTimeBetweenDates: between,
  roundDate: round,
  extractDate: extract,
}

const dated = async (context: NodeContext, item: Item, index: number, columns: Columns, zone: string): Promise<Item> => {
  const options = asObject(columns('options', index))
  const name = asText(columns('operation', index))
  if (!Object.hasOwn(operations, name)) throw unsupported(context, `Operation "${name}"`, 'operation')
  const value = await operations[name]!({ context, options, zone, read: (parameter) => columns(parameter, index) })
  const kept = options['includeInputFields'] === true ? item.json : {}
  return { json: { ...kept, [asText(columns('outputFieldName', index))]: value }, pairedItem: { item: index } }
}

const names = [
  ...['operation', 'options', 'outputFieldName', 'magnitude', 'timeUnit', 'duration', 'date', 'format', 'customFormat'],
  ...['includeTime', 'startDate', 'endDate', 'units', 'mode', 'to', 'toNearest', 'part'],
]

/** Date & Time, version 2. */
export const dateTimeNode: NodeType = {
  definition,
  execute: async (context) => {
    const zone = await context.timezone()
    return [await eachItem(context, names, (item, index, read) => dated(context, item, index, read, zone))]
  },
  validate: () => [],
}
