import { ApiError, knownFields } from './errors.ts'
import { type Document, emptyIndex, filtered, type IndexContent, idOf, searchIn } from './index-content.ts'
import type { Tasks } from './tasks.ts'

export interface State {
  readonly indexes: Map<string, IndexContent>
  readonly tasks: Tasks
}

export interface Asked {
  readonly method: string
  readonly path: readonly string[]
  readonly query: Readonly<Record<string, string>>
  readonly body: unknown
}

interface Answered {
  readonly status: number
  readonly body: unknown
}
const ok = (body: unknown): Answered => ({ status: 200, body })

/** What the published API says to a request. @throws ApiError */
export const answer = (state: State, asked: Asked): Answered => {
  const { method, path, query } = asked
  const [root, uid = '', part, last] = path
  const route = `${method} /${[root, uid && (root === 'tasks' || root === 'indexes' ? ':uid' : uid), part, last && part === 'documents' && !['fetch', 'delete-batch', 'delete'].includes(last) ? ':id' : last].filter((one) => one).join('/')}`
  switch (route) {
    case 'GET /health':
      return ok({ status: 'available' })
    case 'GET /tasks/:uid':
      return ok(state.tasks.find(uid))
    case 'GET /indexes':
      knownFields(query, ['offset', 'limit'])
      return ok({ results: [...state.indexes.keys()].map((name) => ({ uid: name })), offset: 0, limit: 20, total: state.indexes.size })
    case 'POST /indexes':
      return createIndex(state, asked.body as Document)
    case 'DELETE /indexes/:uid':
      return state.tasks.add(uid, 'indexDeletion', () => {
        found(state, uid)
        state.indexes.delete(uid)
      })
    case 'PATCH /indexes/:uid/settings':
      return updateSettings(state, uid, asked.body as Document)
    case 'PUT /indexes/:uid/documents':
      knownFields(query, ['primaryKey', 'csvDelimiter'])
      return putDocuments(state, uid, asked.body, query['primaryKey'])
    case 'POST /indexes/:uid/documents/delete-batch':
      return deleteDocuments(state, uid, asked.body)
    case 'POST /indexes/:uid/documents/fetch':
      return fetchDocuments(found(state, uid), asked.body as Document)
    case 'GET /indexes/:uid/documents/:id': {
      const document = found(state, uid).documents.get(last ?? '')
      if (document === undefined) throw new ApiError(404, 'document_not_found', `Document \`${last}\` not found.`)
      return ok(document)
    }
    case 'POST /swap-indexes':
      return swapIndexes(state, asked.body)
    case 'POST /multi-search':
      return multiSearch(state, asked.body as Document)
    default:
      throw new ApiError(404, 'not_found', `no route ${route}`)
  }
}

const found = ({ indexes }: State, uid: string): IndexContent => {
  const index = indexes.get(uid)
  if (index === undefined) throw new ApiError(404, 'index_not_found', `Index \`${uid}\` not found.`)
  return index
}

const createIndex = (state: State, body: Document): Answered => {
  knownFields(body, ['uid', 'primaryKey'])
  const { uid, primaryKey = null } = body as { uid?: string; primaryKey?: string | null }
  if (uid === undefined) throw new ApiError(400, 'missing_index_uid', 'Missing field `uid`')
  if (!/^[A-Za-z0-9_-]{1,400}$/.test(uid)) throw new ApiError(400, 'invalid_index_uid', `\`${uid}\` is not a valid index uid.`)
  return state.tasks.add(uid, 'indexCreation', () => {
    if (state.indexes.has(uid)) throw new ApiError(409, 'index_already_exists', `Index \`${uid}\` already exists.`)
    state.indexes.set(uid, emptyIndex(primaryKey))
  })
}

const updateSettings = (state: State, uid: string, body: Document): Answered => {
  knownFields(body, [
    'searchableAttributes',
    'filterableAttributes',
    'sortableAttributes',
    'displayedAttributes',
    'rankingRules',
    'stopWords',
    'synonyms',
    'distinctAttribute',
    'typoTolerance',
    'faceting',
    'pagination',
  ])
  return state.tasks.add(uid, 'settingsUpdate', () => {
    const index = state.indexes.get(uid) ?? emptyIndex(null)
    state.indexes.set(uid, index)
    index.settings = { ...index.settings, ...(body as Partial<IndexContent['settings']>) }
  })
}

const putDocuments = (state: State, uid: string, body: unknown, primaryKey: string | undefined): Answered => {
  if (!Array.isArray(body)) throw new ApiError(400, 'malformed_payload', 'The payload provided is not an array of documents.')
  return state.tasks.add(uid, 'documentAdditionOrUpdate', () => {
    // An index that is not there is made.
    const index = state.indexes.get(uid) ?? emptyIndex(primaryKey ?? null)
    state.indexes.set(uid, index)
    const changed = new Map<string, Document>()
    for (const document of body as readonly Document[]) {
      const id = idOf(index, uid, document)
      changed.set(id, { ...(changed.get(id) ?? index.documents.get(id)), ...document })
    }
    for (const [id, document] of changed) index.documents.set(id, document)
  })
}

const deleteDocuments = (state: State, uid: string, body: unknown): Answered => {
  if (!Array.isArray(body)) throw new ApiError(400, 'malformed_payload', 'The payload provided is not an array of ids.')
  return state.tasks.add(uid, 'documentDeletion', () => {
    const { documents } = found(state, uid)
    for (const id of body) documents.delete(String(id))
  })
}

const fetchDocuments = (index: IndexContent, body: Document): Answered => {
  knownFields(body, ['offset', 'limit', 'fields', 'filter', 'retrieveVectors', 'ids', 'sort'])
  const { offset = 0, limit = 20, filter } = body as { offset?: number; limit?: number; filter?: unknown }
  const all = filtered(index, filter)
  return ok({ results: all.slice(offset, offset + limit), offset, limit, total: all.length })
}

const swapIndexes = (state: State, body: unknown): Answered => {
  const swaps = body as readonly { indexes?: readonly string[] }[]
  for (const swap of swaps) {
    knownFields(swap as Document, ['indexes'])
    if (swap.indexes?.length !== 2) throw new ApiError(400, 'invalid_swap_indexes', 'Two indexes must be given for each swap.')
  }
  return state.tasks.add(null, 'indexSwap', () => {
    for (const { indexes: [one = '', other = ''] = [] } of swaps) {
      const [first, second] = [found(state, one), found(state, other)]
      state.indexes.set(one, second)
      state.indexes.set(other, first)
    }
  })
}

const multiSearch = (state: State, body: Document): Answered => {
  knownFields(body, ['queries', 'federation'])
  const queries = body['queries'] as readonly (Document & { indexUid?: string })[]
  const results = queries.map(({ indexUid = '', ...search }) => {
    const hits = searchIn(found(state, indexUid), search)
    return {
      indexUid,
      hits,
      query: search['q'] ?? '',
      processingTimeMs: 0,
      limit: search['limit'] ?? 20,
      offset: 0,
      estimatedTotalHits: hits.length,
    }
  })
  return ok({ results })
}
