import type { Item } from '@weconnect/contracts/items'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { DateTime } from 'luxon'
import { setField } from '../../parameters/paths.ts'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { eachItem } from '../each-item.ts'
import { asObject, asText, type Columns, nodeFailure } from '../per-item.ts'
import { firstDefinition } from './definition.ts'
import { formatAsMoment } from './moment-format.ts'
import { readAsMoment } from './moment-reading.ts'
import { inZone, readDate } from './read-date.ts'

const unrecognised = (context: NodeContext, index: number) =>
  nodeFailure(context, 'The date input format could not be recognized. Please set the "From Format" field', 'value', index)

/** @param zone of a date that names none */
const dateOf = (context: NodeContext, value: JsonValue | undefined, options: JsonObject, zone: string, index: number): DateTime => {
  const fromFormat = asText(options['fromFormat'])
  try {
    const date = fromFormat === '' ? readDate(value, zone) : readAsMoment(asText(value), fromFormat, zone)
    if (date) return date
  } catch {
    // Told below: it is the format that helps.
  }
  throw unrecognised(context, index)
}

/** Without a zone in the options, a date is read and written in UTC; with one, the zone that is not named is the workflow's. */
const formatted = async (context: NodeContext, read: Columns, index: number): Promise<string> => {
  const options = asObject(read('options', index))
  const [from, to] = [asText(options['fromTimezone']), asText(options['toTimezone'])]
  const zone = await context.timezone()
  const named = from !== '' || to !== ''
  const date = dateOf(context, read('value', index), options, from !== '' ? from : named ? zone : 'utc', index)
  return formatAsMoment(inZone(date, to !== '' ? to : named ? zone : 'utc'), asText(read('toFormat', index)))
}

const calculated = (context: NodeContext, read: Columns, index: number): string => {
  const date = inZone(dateOf(context, read('value', index), asObject(read('options', index)), 'utc', index), 'utc')
  const duration = { [asText(read('timeUnit', index), 'days')]: Number(read('duration', index)) }
  return (read('operation', index) === 'subtract' ? date.minus(duration) : date.plus(duration)).toISO() ?? ''
}

const dated = async (context: NodeContext, item: Item, index: number, read: Columns): Promise<Item> => {
  const value = read('value', index)
  const json: Record<string, JsonValue | undefined> = { ...item.json }
  if (value !== undefined && value !== null && value !== '') {
    const result = read('action', index) === 'calculate' ? calculated(context, read, index) : await formatted(context, read, index)
    setField(json, asText(read('dataPropertyName', index)), result, true)
  }
  return { json, ...(item.binary ? { binary: item.binary } : {}), pairedItem: { item: index } }
}

const names = ['action', 'value', 'toFormat', 'options', 'operation', 'duration', 'timeUnit', 'dataPropertyName']

/** Date & Time, version 1. */
export const dateTimeFirst: NodeType = {
  definition: firstDefinition,
  execute: async (context) => [await eachItem(context, names, (item, index, read) => dated(context, item, index, read))],
  validate: () => [],
}
