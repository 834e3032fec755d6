import { WeConnectError } from '@weconnect/contracts/errors'
import { type EnqueuedTaskPromise, type IndexSwap, type Meilisearch, MeilisearchApiError } from 'meilisearch'
import { type MeiliSettings, messageOf, openClient } from './connect.ts'
import type { FoundDocument, SearchDocument, SearchIndexes, SearchQuery } from './port.ts'

const taskLimitMs = 60_000
const pageSize = 1_000
const excerptWords = 30

/** Indexes of the MeiliSearch that the settings name. */
export const openSearchIndexes = (settings: MeiliSettings): SearchIndexes => {
  const client = openClient(settings)
  return {
    create: async (index, key, { searchableAttributes, filterableAttributes }) => {
      await drop(client, index)
      await done(() => client.createIndex(index, { primaryKey: key }))
      const lists = { searchableAttributes: [...searchableAttributes], filterableAttributes: [...filterableAttributes] }
      await done(() => client.index(index).updateSettings(lists))
    },
    put: async (index, documents) => {
      if (documents.length > 0) await done(() => client.index<SearchDocument>(index).updateDocuments([...documents]))
    },
    remove: async (index, keys) => {
      if (keys.length > 0) await done(() => client.index(index).deleteDocuments([...keys]))
    },
    get: (index, key) => calling(() => client.index(index).getDocument(key)).catch(unlessMissing) as never,
    list: async (index, filter) => (await calling(() => list(client, index, filter))) as never,
    search: (index, queries) => calling(() => search(client, index, queries)) as never,
    // The server also has `rename`, which versions before 1.18 refuse.
    swap: (one, other) => done(() => client.swapIndexes([{ indexes: [one, other] } as unknown as IndexSwap])),
    drop: (index) => drop(client, index),
  }
}

const drop = async (client: Meilisearch, index: string): Promise<void> => {
  await done(() => client.deleteIndex(index)).catch(unlessMissing)
}

const list = async (client: Meilisearch, index: string, filter: string): Promise<readonly unknown[]> => {
  const found: unknown[] = []
  for (;;) {
    const { results, total } = await client.index(index).getDocuments({ filter, limit: pageSize, offset: found.length })
    found.push(...results)
    if (results.length === 0 || found.length >= total) return found
  }
}

const search = async (
  client: Meilisearch,
  indexUid: string,
  queries: readonly SearchQuery[],
): Promise<readonly (readonly FoundDocument<unknown>[])[]> => {
  const { results } = await client.multiSearch({
    queries: queries.map(({ text, filter, limit, within, distinct, excerpts }) => ({
      ...{ indexUid, q: text, filter, limit, showRankingScore: true, matchingStrategy: 'all' as const },
      ...(within && { attributesToSearchOn: [...within] }),
      ...(distinct !== undefined && { distinct }),
      ...(excerpts && {
        ...{ attributesToHighlight: [...excerpts], attributesToCrop: [...excerpts], cropLength: excerptWords },
        ...{ highlightPreTag: '«', highlightPostTag: '»' },
      }),
    })),
  })
  return results.map(({ hits }) => hits.map(foundOf))
}

const foundOf = (hit: Record<string, unknown>): FoundDocument<unknown> => {
  const { _formatted: excerpts = {}, _rankingScore: score = 0, ...document } = hit
  return { document, excerpts: excerpts as Record<string, string>, score: Number(score) }
}

/** A change is a task of the server: it is done when the task says so, and refused when the task says that. */
const done = async (start: () => EnqueuedTaskPromise): Promise<void> => {
  const { status, error } = await calling(() => start().waitTask({ timeout: taskLimitMs, interval: 20 }))
  if (status === 'succeeded') return
  // An index that is gone is made anew by the first document, which then has no key.
  if (error !== null && (error.code === 'index_not_found' || error.code.startsWith('index_primary_key_')))
    throw new Missing('UNAVAILABLE', `MeiliSearch: ${error.message}`)
  const refused = error?.type === 'invalid_request'
  throw new WeConnectError(refused ? 'INVALID_INPUT' : 'UNAVAILABLE', `MeiliSearch: ${error?.message ?? `the task was ${status}`}`)
}

/** No such index or document. */
class Missing extends WeConnectError {}

const unlessMissing = (error: unknown): undefined => {
  if (error instanceof Missing) return undefined
  throw error
}

const refusals: ReadonlySet<number> = new Set([400, 413, 415])

const calling = async <Result>(call: () => Promise<Result>): Promise<Result> => {
  try {
    return await call()
  } catch (cause) {
    const message = `MeiliSearch: ${messageOf(cause)}`
    if (!(cause instanceof MeilisearchApiError)) throw new WeConnectError('UNAVAILABLE', message, { cause })
    if (cause.response.status === 404) throw new Missing('UNAVAILABLE', message, { cause })
    throw new WeConnectError(refusals.has(cause.response.status) ? 'INVALID_INPUT' : 'UNAVAILABLE', message, { cause })
  }
}
