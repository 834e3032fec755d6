/** Values at a time. A point of the same measurement, tags and time takes the place of the one before. */
export interface Point {
  readonly measurement: string
  /** Not empty, and without line breaks. */
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, number | string>>
  /** Nanoseconds since the epoch. */
  readonly time: bigint
}

/**
 * Points in buckets.
 * Every call throws WeConnectError UNAVAILABLE when the server cannot be used now, and INVALID_INPUT when it refuses what it was given.
 */
export interface TimeSeries {
  /** Makes the bucket when it is missing. @param retentionDays how long it keeps points, also if it was there; undefined = as it is, or for ever */
  ensureBucket(bucket: string, retentionDays: number | undefined): Promise<void>
  /** @returns whether all were stored; those that are older than the bucket keeps are not */
  write(bucket: string, points: readonly Point[]): Promise<boolean>
  /** Rows of a query in Flux. */
  query<Row>(flux: string): Promise<readonly Row[]>
  /** Drops all points that have the tag. */
  remove(bucket: string, tag: string, value: string): Promise<void>
}

/** Text in Flux. */
export const quoted = (text: string): string => `"${text.replaceAll(/[\\"]/g, '\\$&').replaceAll('${', '\\${')}"`
