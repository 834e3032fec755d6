/** Values by path; `a.b` is a field of a field. Dates are Date. */
export type Fields = Readonly<Record<string, unknown>>

/** What is to be in a document, whether it is there already or not. The same upsert twice is the same as once. */
export interface Upsert {
  readonly id: string
  readonly set: Fields
}

export interface Index {
  readonly name: string
  readonly fields: Readonly<Record<string, 1 | -1>>
  /** Documents are deleted this long after the date in the one field. */
  readonly expireAfterSeconds?: number
}

/**
 * Documents in collections of one database.
 * Every call throws WeConnectError UNAVAILABLE when the server cannot be used now, and INVALID_INPUT when it refuses what it was given.
 */
export interface Documents {
  /** Makes those that are missing, changes how long those that expire live, and drops those of `unwanted`. */
  index(collection: string, indexes: readonly Index[], unwanted?: readonly string[]): Promise<void>
  /** At most one upsert for an id. */
  upsert(collection: string, upserts: readonly Upsert[]): Promise<void>
  /** Sets fields of every document that matches. @returns how many matched */
  setWhere(collection: string, match: Fields, set: Fields): Promise<number>
  /** @param filter as MongoDB has it */
  find<Found>(
    collection: string,
    filter: Fields,
    options?: { readonly sort?: Readonly<Record<string, 1 | -1>>; readonly limit?: number },
  ): Promise<readonly Found[]>
  /** Takes the place of a collection of that name, at once and as a whole. */
  rename(collection: string, name: string): Promise<void>
  drop(collection: string): Promise<void>
  close(): Promise<void>
}
