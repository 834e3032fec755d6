import type { Item } from '@weconnect/contracts/items'
import { DateTime } from 'luxon'
import { validateFieldType } from '../../parameters/field-type.ts'
import type { NodeContext, NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { choice, dateTime, number, show } from '../../sdk/property.ts'
import { asText, nodeFailure, passOn, unsupported } from '../per-item.ts'
import { callCredentials, callProperties, describeCall, validateCall } from './call.ts'

const units = ['seconds', 'minutes', 'hours', 'days'] as const
type Unit = (typeof units)[number]

const afterInterval = async (context: NodeContext, amountName = 'amount', unitName = 'unit'): Promise<DateTime> => {
  const unit = asText(await context.parameter(unitName, 0)) as Unit
  const amount = Number(await context.parameter(amountName, 0))
  if (!units.includes(unit))
    throw nodeFailure(context, "Invalid wait unit. Valid units are 'seconds', 'minutes', 'hours', or 'days'.", unitName, 0)
  if (!Number.isFinite(amount) || amount < 0)
    throw nodeFailure(context, 'Invalid wait amount. Please enter a number that is 0 or greater.', amountName, 0)
  return DateTime.fromISO(await context.now(), { zone: 'utc' }).plus({ [unit]: amount })
}

const atTime = async (context: NodeContext, name = 'dateTime'): Promise<DateTime> => {
  const given = await context.parameter(name, 0)
  const date = validateFieldType(name, given, 'dateTime', { timezone: await context.timezone() })
  if (!date.valid || !DateTime.isDateTime(date.newValue)) throw nodeFailure(context, `The date "${asText(given)}" is not valid`, name, 0)
  return date.newValue.toUTC()
}

const waits: Readonly<Record<string, (context: NodeContext) => Promise<DateTime>>> = { timeInterval: afterInterval, specificTime: atTime }

const pause = async (context: NodeContext, until: DateTime, items: readonly Item[]): Promise<readonly Item[]> => {
  const passed = items.map((item, index) => passOn(item, index))
  if (until.toMillis() <= DateTime.fromISO(await context.now()).toMillis()) return passed
  return context.pauseUntil(until.toISO()!, [passed])
}

const limits: Readonly<Record<string, (context: NodeContext) => Promise<DateTime>>> = {
  afterTimeInterval: (context) => afterInterval(context, 'resumeAmount', 'resumeUnit'),
  atSpecifiedTime: (context) => atTime(context, 'maxDateAndTime'),
}

/** Until the address is called; with a limit, the items go on as they are when nobody has called by then. */
const pauseForCall = async (context: NodeContext): Promise<readonly Item[]> => {
  const passed = (await context.items()).map((item, index) => passOn(item, index))
  if ((await context.parameter('limitWaitTime', 0)) !== true) return context.pauseForCall(undefined, [passed])
  const limit = limits[asText(await context.parameter('limitType', 0))] ?? limits['afterTimeInterval']!
  return context.pauseForCall((await limit(context)).toISO()!, [passed])
}

const unitOptions = units.map((unit) => [unit[0]!.toUpperCase() + unit.slice(1), unit] as const)

/** Waits for a time; the execution is put down and taken up again then. */
const waitOf = (versions: readonly number[], amount: number, unit: Unit): NodeType => ({
  definition: {
    name: 'n8n-nodes-base.wait',
    displayName: 'Wait',
    description: 'Wait before continue with execution',
    category: 'flow',
    color: '#804050',
    versions,
    properties: [
      choice(
        'Resume',
        'resume',
        [
          ['After Time Interval', 'timeInterval'],
          ['At Specified Time', 'specificTime'],
          ['On Webhook Call', 'webhook'],
          ['On Form Submitted', 'form'],
        ],
        'timeInterval',
      ),
      dateTime('Date and Time', 'dateTime', '', { required: true, ...show({ resume: ['specificTime'] }) }),
      number('Wait Amount', 'amount', amount, show({ resume: ['timeInterval'] })),
      choice('Wait Unit', 'unit', unitOptions, unit, show({ resume: ['timeInterval'] })),
      ...callProperties,
    ],
    credentials: callCredentials,
    inputs: main,
    outputs: main,
    effects: 'external',
    afterCrash: 'repeat',
  },
  execute: async (context) => {
    const resume = asText(await context.parameter('resume', 0))
    if (resume === 'webhook') return [await pauseForCall(context)]
    const until = Object.hasOwn(waits, resume) ? waits[resume] : undefined
    if (!until) throw unsupported(context, `Waiting for "${resume}"`, 'resume')
    return [await pause(context, await until(context), await context.items())]
  },
  validate: (parameters) => validateCall(parameters),
  waitsAt: (parameters) => (parameters['resume'] === 'webhook' ? describeCall(parameters) : undefined),
})

export const waitClassic = waitOf([1], 1, 'hours')
export const wait = waitOf([1.1], 5, 'seconds')
