import type { JsonObject } from '@weconnect/contracts/json'
import { DateTime } from 'luxon'
import { scheduleMethods } from '../../calendar/parameters.ts'
import type { NodeType } from '../../sdk/node.ts'
import { formatAsMoment } from '../dateTime/moment-format.ts'
import { startingItems } from '../starting-items.ts'
import { definition } from './definition.ts'
import { readRules } from './rules.ts'

/** The time of a start, in the words that n8n has for its parts. @param now ISO 8601 */
const startedAt = (now: string, zone: string): JsonObject => {
  const date = DateTime.fromISO(now, { zone, locale: 'en-US' })
  const written = (format: string) => formatAsMoment(date, format)
  return {
    timestamp: date.toISO(),
    'Readable date': written('MMMM Do YYYY, h:mm:ss a'),
    'Readable time': written('h:mm:ss a'),
    'Day of week': written('dddd'),
    Year: written('YYYY'),
    Month: written('MMMM'),
    'Day of month': written('DD'),
    Hour: written('HH'),
    Minute: written('mm'),
    Second: written('ss'),
    Timezone: `${zone} (UTC${written('Z')})`,
  }
}

/** Starts a workflow at the times of its rules. */
export const scheduleTrigger: NodeType = {
  definition,
  execute: async (context) => [await startingItems(context, async () => startedAt(await context.now(), await context.timezone()))],
  ...scheduleMethods(readRules),
  tickItem: startedAt,
}
