import type { JsonValue } from '@weconnect/contracts/json'

/** A document by its fields; one of them, named when the index is made, is its key: letters, digits, `-` and `_`. */
export type SearchDocument = Readonly<Record<string, JsonValue>>

export interface IndexSettings {
  /** Fields in which words are looked for, the most important first. */
  readonly searchableAttributes: readonly string[]
  readonly filterableAttributes: readonly string[]
}

export interface SearchQuery {
  readonly text: string
  /** In MeiliSearch's language; see `quoted`. */
  readonly filter: string
  readonly limit: number
  /** Fields in which words are looked for; all that are searchable unless given. */
  readonly within?: readonly string[]
  /** One hit for each value of this field. */
  readonly distinct?: string
  /** Fields that come back cut to about 30 words, what was found between « and ». */
  readonly excerpts?: readonly string[]
}

export interface FoundDocument<Document> {
  readonly document: Document
  readonly excerpts: Readonly<Record<string, string>>
  /** 0 to 1. */
  readonly score: number
}

/**
 * Indexes of a search server. What changes one resolves when it can be found, in the order in which it was asked for.
 * Every call throws WeConnectError UNAVAILABLE when the server cannot be used now, and INVALID_INPUT when it refuses what it was given.
 */
export interface SearchIndexes {
  /** Makes an empty index; one of that name is dropped. */
  create(index: string, key: string, settings: IndexSettings): Promise<void>
  /** Merges fields into the documents that have the keys, and makes those that are missing: all of them at once. */
  put(index: string, documents: readonly SearchDocument[]): Promise<void>
  remove(index: string, keys: readonly string[]): Promise<void>
  /** Undefined when there is none, or no such index. */
  get<Document>(index: string, key: string): Promise<Document | undefined>
  /** All that the filter lets through. */
  list<Document>(index: string, filter: string): Promise<readonly Document[]>
  search<Document>(index: string, queries: readonly SearchQuery[]): Promise<readonly (readonly FoundDocument<Document>[])[]>
  /** The two change their names, at once. */
  swap(one: string, other: string): Promise<void>
  /** Nothing when there is none. */
  drop(index: string): Promise<void>
}

/** A value in a filter. */
export const quoted = (value: string): string => `"${value.replaceAll(/[\\"]/g, '\\$&')}"`
