import { createHash } from 'node:crypto'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { Item } from '@weconnect/contracts/items'
import { isJsonObject } from '@weconnect/contracts/json'
import type { NodeType } from '../../sdk/node.ts'
import { main, noPorts } from '../../sdk/ports.ts'
import { groups, text } from '../../sdk/property.ts'
import { time } from '../cron/time-property.ts'
import { readTimes } from '../cron/trigger-times.ts'
import { textOf } from '../httpRequest/answer.ts'
import { asText } from '../per-item.ts'
import { feedItems, feedRequest, isWebAddress } from '../rssFeedRead/feed.ts'
import { startingItems } from '../starting-items.ts'

/** Entries that are remembered after they have left the feed: some come back. */
const remembered = 1000

/** What tells an entry from others: what the feed says does, else all of it. */
const keyOf = ({ json }: Item): string => {
  const named = asText(json['guid']) || asText(json['id']) || asText(json['link'])
  return createHash('sha256')
    .update(named || JSON.stringify(json))
    .digest('base64url')
    .slice(0, 22)
}

const seenIn = (cursor: unknown): readonly string[] | undefined => {
  const seen = isJsonObject(cursor) ? cursor['seen'] : undefined
  return Array.isArray(seen) ? seen.map(String) : undefined
}

/** Starts a workflow with the entries of a feed that were not there before. */
export const rssFeedReadTrigger: NodeType = {
  definition: {
    name: 'n8n-nodes-base.rssFeedReadTrigger',
    displayName: 'RSS Feed Trigger',
    description: 'Starts a workflow when an RSS feed is updated',
    category: 'trigger',
    color: '#b02020',
    versions: [1],
    properties: [
      groups('Poll Times', 'pollTimes', [time], { many: true, value: { item: [{ mode: 'everyMinute' }] } }),
      text('Feed URL', 'feedUrl', 'https://blog.n8n.io/rss/', { required: true }),
    ],
    inputs: noPorts,
    outputs: main,
    isTrigger: true,
    effects: 'pure',
  },
  execute: async (context) => [await startingItems(context, async () => ({}))],
  validate: (parameters) => {
    const url = asText(parameters['feedUrl']).trim()
    return [
      ...readTimes(parameters, 'pollTimes').problems,
      ...(url.startsWith('=') || isWebAddress(url)
        ? []
        : [{ parameter: 'feedUrl', message: 'The feed needs an address that begins with http' }]),
    ]
  },
  listens: (parameters) => {
    const { rules } = readTimes(parameters, 'pollTimes')
    const source = { url: asText(parameters['feedUrl']).trim() }
    return { kind: 'poll', source, rules: rules.length > 0 ? rules : [{ kind: 'every', unit: 'minutes', count: 1, minute: 0 }] }
  },
  poll: async ({ parameters, cursor, http }) => {
    const url = asText(parameters['feedUrl']).trim()
    const answer = await http(feedRequest(url))
    if (answer.status >= 300) throw new WeConnectError('NODE_FAILED', `The feed answered with the status ${answer.status}`)
    const entries = (await feedItems(textOf(answer), [])).map((item) => ({ item, key: keyOf(item) }))
    const known = seenIn(cursor)
    const isKnown = new Set(known)
    const fresh = known === undefined ? [] : entries.filter(({ key }) => !isKnown.has(key))
    const seen = [...new Set([...entries.map(({ key }) => key), ...(known ?? [])])].slice(0, entries.length + remembered)
    return { items: uniqueBy(fresh).map(({ item }) => item), cursor: { seen } }
  },
}

/** A feed may list an entry twice. */
const uniqueBy = <Entry extends { readonly key: string }>(entries: readonly Entry[]): readonly Entry[] => [
  ...new Map(entries.map((entry) => [entry.key, entry])).values(),
]
