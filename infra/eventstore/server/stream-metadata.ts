import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'

/** The settings of a stream, as the events of its metadata stream carry them. */
export interface StreamMetadata {
  /** Everything that was written, also what this server does not know. */
  readonly written: JsonObject
  /** Events below this revision are gone. */
  readonly truncateBefore?: number
  /** At most so many of the newest events are there. */
  readonly maxCount?: number
  /** Milliseconds after which an event is gone. */
  readonly maxAgeMs?: number
  /** Deleted, but may be written again. */
  readonly deleted: boolean
}

export const noMetadata: StreamMetadata = { written: {}, deleted: false }

/** What `$tb` says of a deleted stream: the largest revision that the protocol knows. As JSON it is a number that JavaScript rounds. */
export const deletedRevision = '9223372036854775807'
const deletedFrom = Number(deletedRevision)

export const metadataEventType = '$metadata'
export const tombstoneType = '$streamDeleted'

export const isMetadataStream = (stream: string): boolean => stream.startsWith('$$')
export const metadataStreamOf = (stream: string): string => `$$${stream}`
/** The stream that a name is about: of a metadata stream the stream it describes. */
export const subjectOf = (stream: string): string => (isMetadataStream(stream) ? stream.slice(2) : stream)

const wholeNumber = (value: JsonValue | undefined): number | undefined => (typeof value === 'number' && value >= 0 ? value : undefined)

const parsed = (data: Buffer): JsonObject => {
  try {
    const value: unknown = JSON.parse(data.toString())
    return isJsonObject(value) ? value : {}
  } catch {
    return {}
  }
}

export const parseStreamMetadata = (data: Buffer): StreamMetadata => {
  const written = parsed(data)
  const [truncateBefore, maxCount, maxAge] = ['$tb', '$maxCount', '$maxAge'].map((key) => wholeNumber(written[key]))
  return {
    written,
    deleted: truncateBefore !== undefined && truncateBefore >= deletedFrom,
    ...(truncateBefore !== undefined && { truncateBefore }),
    ...(maxCount !== undefined && { maxCount }),
    ...(maxAge !== undefined && { maxAgeMs: maxAge * 1000 }),
  }
}

/** The metadata of a stream with another truncation point, as bytes; `deletedRevision` deletes it. */
export const truncatedAt = ({ written }: StreamMetadata, before: number | typeof deletedRevision): Buffer => {
  const { $tb: _, ...others } = written
  const kept = JSON.stringify(others).slice(1)
  return Buffer.from(`{"$tb":${before}${kept === '}' ? '' : ','}${kept}`)
}
