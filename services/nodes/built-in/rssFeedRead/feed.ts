import type { HttpRequest } from '@weconnect/contracts/http'
import type { Item } from '@weconnect/contracts/items'
import { isJsonObject } from '@weconnect/contracts/json'
import { plainData } from '../plain-data.ts'
import { withinTime } from '../within-time.ts'

const reachPrototypes = new Set(['__proto__', 'constructor', 'prototype'])

/** The parser knows the five entities of XML and no others: none is fetched, none is expanded. */
export const feedItems = async (xml: string, customFields: readonly string[]): Promise<readonly Item[]> => {
  const { default: Parser } = await import('rss-parser')
  const item = customFields.filter((name) => !reachPrototypes.has(name))
  const feed = await withinTime('Reading the feed', () => new Parser({ customFields: { item } }).parseString(xml))
  return feed.items.map((entry) => {
    const data = plainData(entry)
    return { json: isJsonObject(data) ? data : {} }
  })
}

/** What fetches a feed. */
export const feedRequest = (url: string): HttpRequest => ({
  method: 'GET',
  url,
  headers: {
    accept: 'application/rss+xml, application/rdf+xml;q=0.8, application/atom+xml;q=0.6, application/xml;q=0.4, text/xml;q=0.4',
    'user-agent': 'WeConnect',
  },
})

export const isWebAddress = (url: string): boolean => /^https?:\/\//i.test(url) && URL.parse(url) !== null
