import { DateTime } from 'luxon'
import type { NodeContext } from '../sdk/node.ts'
import { choice, number, show, toggle } from '../sdk/property.ts'
import { asText, nodeFailure } from './per-item.ts'

const units = ['seconds', 'minutes', 'hours', 'days'] as const
type Unit = (typeof units)[number]

const limited = show({ limitWaitTime: [true] })

/** How long a step waits for somebody. */
export const limitProperties = [
  toggle('Limit Wait Time', 'limitWaitTime', false),
  number('Amount', 'amount', 1, limited),
  choice(
    'Unit',
    'unit',
    units.map((unit) => [unit[0]!.toUpperCase() + unit.slice(1), unit] as const),
    'hours',
    limited,
  ),
]

/** ISO 8601, counted from the time of the step; undefined = without end. */
export const limitOf = async (context: NodeContext): Promise<string | undefined> => {
  if ((await context.parameter('limitWaitTime', 0)) !== true) return undefined
  const amount = Number(await context.parameter('amount', 0))
  const unit = asText(await context.parameter('unit', 0)) as Unit
  if (!Number.isFinite(amount) || amount < 0) throw nodeFailure(context, 'The amount must be a number that is 0 or greater', 'amount', 0)
  if (!units.includes(unit)) throw nodeFailure(context, `The unit must be one of ${units.join(', ')}`, 'unit', 0)
  return DateTime.fromISO(await context.now(), { zone: 'utc' })
    .plus({ [unit]: amount })
    .toISO()!
}
