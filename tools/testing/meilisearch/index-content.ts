import { ApiError, knownFields } from './errors.ts'
import { parseFilter } from './filter.ts'
import { excerpt, isMatch, wordsOf } from './matching.ts'

export type Document = Record<string, unknown>

export interface IndexContent {
  primaryKey: string | null
  readonly documents: Map<string, Document>
  settings: { searchableAttributes: readonly string[]; filterableAttributes: readonly string[] }
}

export const emptyIndex = (primaryKey: string | null): IndexContent => ({
  primaryKey,
  documents: new Map(),
  settings: { searchableAttributes: ['*'], filterableAttributes: [] },
})

const idShape = /^[A-Za-z0-9_-]{1,511}$/

/** The key of a document, as the task that adds it checks it. */
export const idOf = (index: IndexContent, uid: string, document: Document): string => {
  index.primaryKey ??= inferred(uid, document)
  const id = document[index.primaryKey]
  if (id === undefined)
    throw new ApiError(
      400,
      'missing_document_id',
      `Document doesn't have a \`${index.primaryKey}\` attribute: \`${JSON.stringify(document)}\`.`,
    )
  if (!(typeof id === 'string' && idShape.test(id)) && !Number.isInteger(id))
    throw new ApiError(
      400,
      'invalid_document_id',
      `Document identifier \`${JSON.stringify(id)}\` is invalid. A document identifier can be of type integer or string, only composed of alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and can not be more than 511 bytes.`,
    )
  return String(id)
}

const inferred = (uid: string, document: Document): string => {
  const candidates = Object.keys(document).filter((name) => name.toLowerCase().endsWith('id'))
  const [only] = candidates
  if (candidates.length === 1 && only !== undefined) return only
  throw candidates.length === 0
    ? new ApiError(
        400,
        'index_primary_key_no_candidate_found',
        `The primary key inference failed as the engine did not find any field ending with \`id\` in its name. Please specify the primary key manually using the \`primaryKey\` query parameter for \`${uid}\`.`,
      )
    : new ApiError(
        400,
        'index_primary_key_multiple_candidates_found',
        `The primary key inference failed as the engine found ${candidates.length} fields ending with \`id\` in their names.`,
      )
}

export const filtered = ({ documents, settings }: IndexContent, filter: unknown): readonly Document[] => {
  if (filter !== undefined && filter !== null && typeof filter !== 'string')
    throw new ApiError(400, 'invalid_search_filter', 'Invalid syntax for the filter parameter')
  const lets = filter ? parseFilter(filter, new Set(settings.filterableAttributes)) : () => true
  return [...documents.values()].filter(lets)
}

const searchFields = [
  ...['q', 'offset', 'limit', 'page', 'hitsPerPage', 'attributesToRetrieve', 'attributesToCrop', 'cropLength', 'attributesToHighlight'],
  ...[
    'showMatchesPosition',
    'showRankingScore',
    'showRankingScoreDetails',
    'rankingScoreThreshold',
    'filter',
    'sort',
    'distinct',
    'facets',
  ],
  ...['highlightPreTag', 'highlightPostTag', 'cropMarker', 'matchingStrategy', 'attributesToSearchOn', 'hybrid', 'vector', 'locales'],
]

interface SearchBody {
  readonly q?: string
  readonly limit?: number
  readonly offset?: number
  readonly filter?: unknown
  readonly distinct?: string
  readonly attributesToSearchOn?: readonly string[]
  readonly attributesToHighlight?: readonly string[]
  readonly cropLength?: number
  readonly highlightPreTag?: string
  readonly highlightPostTag?: string
  readonly showRankingScore?: boolean
}

export const searchIn = (index: IndexContent, body: Readonly<Record<string, unknown>>): readonly Document[] => {
  knownFields(body, searchFields)
  const { q = '', limit = 20, offset = 0, filter, distinct, attributesToSearchOn: within, ...show } = body as SearchBody
  if (!Number.isInteger(limit) || limit < 0) throw new ApiError(400, 'invalid_search_limit', 'Invalid value type for `.limit`')
  if (distinct !== undefined && !index.settings.filterableAttributes.includes(distinct))
    throw new ApiError(
      400,
      'invalid_search_distinct',
      `Attribute \`${distinct}\` is not filterable and thus, cannot be used as distinct attribute.`,
    )
  const searchable = index.settings.searchableAttributes
  const wrong = within?.find((name) => !searchable.includes('*') && !searchable.includes(name))
  if (wrong !== undefined) throw new ApiError(400, 'invalid_search_attributes_to_search_on', `Attribute \`${wrong}\` is not searchable.`)
  const query = wordsOf(q)
  const hits = filtered(index, filter)
    .map((document) => ({ document, score: scoreOf(document, query, within ?? searchable) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
  const seen = new Set<unknown>()
  const chosen =
    distinct === undefined ? hits : hits.filter(({ document }) => !seen.has(document[distinct]) && seen.add(document[distinct]))
  return chosen.slice(offset, offset + limit).map(({ document, score }) => ({
    ...document,
    ...(show.attributesToHighlight && { _formatted: formatted(document, query, show) }),
    ...(show.showRankingScore && { _rankingScore: score }),
  }))
}

/** 0 when a word is nowhere; fields count less the later they stand. */
const scoreOf = (document: Document, query: readonly string[], fields: readonly string[]): number => {
  const names = fields.includes('*') ? Object.keys(document) : fields
  const best = query.map((word, at) =>
    Math.max(
      0,
      ...names.map((name, rank) =>
        wordsOf(String(document[name] ?? '')).some((found) => isMatch(found, word, at === query.length - 1)) ? 1 / (rank + 1) : 0,
      ),
    ),
  )
  return best.includes(0) ? 0 : best.reduce((sum, one) => sum + one, 0) / Math.max(1, best.length) || 1
}

const formatted = (document: Document, query: readonly string[], show: SearchBody): Document => {
  const { attributesToHighlight = [], cropLength = 10, highlightPreTag = '<em>', highlightPostTag = '</em>' } = show
  const texts = attributesToHighlight.flatMap((name) =>
    typeof document[name] === 'string' ? [[name, excerpt(document[name], query, cropLength, [highlightPreTag, highlightPostTag])]] : [],
  )
  return { ...document, ...Object.fromEntries(texts) }
}
